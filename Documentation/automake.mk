# Documentation/: manual pages and guides.
#
# A page has its source beside what it describes, with @VERSION@ in it; all
# pages are made here, where "man -l Documentation/PAGE" finds them.
EXTRA_DIST += \
	Documentation/architecture.7.in \
	Documentation/attaching.md \
	Documentation/coding-style.md \
	Documentation/dns.md \
	Documentation/deploying.md \
	Documentation/external.md \
	Documentation/extrawire.md \
	Documentation/failover.md \
	Documentation/failover.svg \
	Documentation/first-change.md \
	Documentation/flows.7.in \
	Documentation/gateway.md \
	Documentation/healing.md \
	Documentation/mobula.svg \
	Documentation/mobula.yml.5.in \
	Documentation/mtu.md \
	Documentation/protocols.7.in \
	Documentation/quality.md \
	Documentation/test-development.md \
	ovs-ctl/mobulad.8.in \
	utilities/mobula-ctl.8.in

man_pages = \
	Documentation/mobula-architecture.7 \
	Documentation/mobula-ctl.8 \
	Documentation/mobula-flows.7 \
	Documentation/mobula-protocols.7 \
	Documentation/mobula.yml.5 \
	Documentation/mobulad.8
man_MANS += $(man_pages)
CLEANFILES += $(man_pages)

MAN_FROM = $(AM_V_GEN)$(MKDIR_P) $(@D) && \
	$(SED) -e 's,[@]VERSION[@],$(VERSION),g'

Documentation/mobula-architecture.7: Documentation/architecture.7.in Makefile
	$(MAN_FROM) $(srcdir)/Documentation/architecture.7.in > $@.tmp && \
	  mv $@.tmp $@
Documentation/mobula-ctl.8: utilities/mobula-ctl.8.in Makefile
	$(MAN_FROM) $(srcdir)/utilities/mobula-ctl.8.in > $@.tmp && \
	  mv $@.tmp $@
Documentation/mobula-protocols.7: Documentation/protocols.7.in Makefile
	$(MAN_FROM) $(srcdir)/Documentation/protocols.7.in > $@.tmp && \
	  mv $@.tmp $@
Documentation/mobula.yml.5: Documentation/mobula.yml.5.in Makefile
	$(MAN_FROM) $(srcdir)/Documentation/mobula.yml.5.in > $@.tmp && \
	  mv $@.tmp $@
Documentation/mobulad.8: ovs-ctl/mobulad.8.in Makefile
	$(MAN_FROM) $(srcdir)/ovs-ctl/mobulad.8.in > $@.tmp && mv $@.tmp $@
# The tables of mobula-flows(7) come from the code.
Documentation/mobula-flows.7: Documentation/flows.7.in \
    utilities/gen-flows-man$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	utilities/gen-flows-man $(srcdir)/Documentation/flows.7.in > $@.tmp && \
	mv $@.tmp $@
