# Documentation/: manual pages and guides.

# mobula.yml(5): all configuration files.
EXTRA_DIST += Documentation/mobula.yml.5.in
man_MANS += Documentation/mobula.yml.5
CLEANFILES += Documentation/mobula.yml.5
Documentation/mobula.yml.5: Documentation/mobula.yml.5.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	  $(SED) -e 's,[@]VERSION[@],$(VERSION),g' \
	    $(srcdir)/Documentation/mobula.yml.5.in > $@.tmp && mv $@.tmp $@
# The tables of mobula-flows(7) come from the code.
man_MANS += Documentation/mobula-flows.7
EXTRA_DIST += Documentation/flows.7.in
CLEANFILES += Documentation/mobula-flows.7
Documentation/mobula-flows.7: $(srcdir)/Documentation/flows.7.in \
    utilities/gen-flows-man$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) Documentation && \
	utilities/gen-flows-man $(srcdir)/Documentation/flows.7.in > $@.tmp && \
	mv $@.tmp $@
