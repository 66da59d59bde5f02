# ovs-ctl/: the daemon, and all that speaks to Open vSwitch.
noinst_LIBRARIES += ovs-ctl/libovsctl.a
ovs_ctl_libovsctl_a_SOURCES = \
	ovs-ctl/cmds-endpoints.c \
	ovs-ctl/cmds-endpoints.h \
	ovs-ctl/cmds-facts.c \
	ovs-ctl/cmds-facts.h \
	ovs-ctl/cmds-macs.c \
	ovs-ctl/cmds-macs.h \
	ovs-ctl/cmds-flows.c \
	ovs-ctl/cmds-flows.h \
	ovs-ctl/cmds-gateway.c \
	ovs-ctl/cmds-gateway.h \
	ovs-ctl/cmds-loops.c \
	ovs-ctl/cmds-loops.h \
	ovs-ctl/cmds-mtu.c \
	ovs-ctl/cmds-mtu.h \
	ovs-ctl/cmds-paths.c \
	ovs-ctl/cmds-paths.h \
	ovs-ctl/cmds-status.c \
	ovs-ctl/cmds-status.h \
	ovs-ctl/cmds-wires.c \
	ovs-ctl/cmds-wires.h \
	ovs-ctl/cmds.c \
	ovs-ctl/cmds.h \
	ovs-ctl/config-watch.c \
	ovs-ctl/config-watch.h \
	ovs-ctl/facts-codec.c \
	ovs-ctl/facts-codec.h \
	ovs-ctl/facts-peer.c \
	ovs-ctl/facts-peer.h \
	ovs-ctl/facts-peers.c \
	ovs-ctl/facts-peers.h \
	ovs-ctl/facts-publish.c \
	ovs-ctl/facts-publish.h \
	ovs-ctl/facts-server.c \
	ovs-ctl/facts-server.h \
	ovs-ctl/harden.c \
	ovs-ctl/harden.h \
	ovs-ctl/loop.c \
	ovs-ctl/loop.h \
	ovs-ctl/mobulad-config.c \
	ovs-ctl/mobulad.c \
	ovs-ctl/mobulad.h \
	ovs-ctl/of-apply.c \
	ovs-ctl/of-apply.h \
	ovs-ctl/of-conn.c \
	ovs-ctl/of-conn.h \
	ovs-ctl/of-counts.c \
	ovs-ctl/of-counts.h \
	ovs-ctl/of-fsm.c \
	ovs-ctl/of-fsm.h \
	ovs-ctl/of-learn.c \
	ovs-ctl/of-learn.h \
	ovs-ctl/of-ports.c \
	ovs-ctl/of-ports.h \
	ovs-ctl/of-read.c \
	ovs-ctl/of-read.h \
	ovs-ctl/of-switch-private.h \
	ovs-ctl/of-switch-serve.c \
	ovs-ctl/of-switch.c \
	ovs-ctl/of-switch.h \
	ovs-ctl/of-watch.c \
	ovs-ctl/of-watch.h \
	ovs-ctl/options.c \
	ovs-ctl/options.h \
	ovs-ctl/ovs-state.c \
	ovs-ctl/ovs-state.h \
	ovs-ctl/ovsdb-local.c \
	ovs-ctl/ovsdb-local.h \
	ovs-ctl/pace.c \
	ovs-ctl/pace.h \
	ovs-ctl/ports-apply.c \
	ovs-ctl/ports-diff.c \
	ovs-ctl/ports-want.c \
	ovs-ctl/ports.h \
	ovs-ctl/probe-socket.c \
	ovs-ctl/probe-socket.h \
	ovs-ctl/rundir.c \
	ovs-ctl/rundir.h \
	ovs-ctl/snapshot.c \
	ovs-ctl/snapshot.h \
	ovs-ctl/sync-dns.c \
	ovs-ctl/sync-drain.c \
	ovs-ctl/sync-external.c \
	ovs-ctl/sync-facts.c \
	ovs-ctl/sync-filter.c \
	ovs-ctl/sync-flows.c \
	ovs-ctl/sync-guard.c \
	ovs-ctl/sync-hello.c \
	ovs-ctl/sync-loops.c \
	ovs-ctl/sync-macs.c \
	ovs-ctl/sync-mtu.c \
	ovs-ctl/sync-net.c \
	ovs-ctl/sync-nft.c \
	ovs-ctl/sync-nft.h \
	ovs-ctl/sync.h \
	ovs-ctl/sync-paths.c \
	ovs-ctl/sync-share.c \
	ovs-ctl/sync-ways.c \
	ovs-ctl/sync-ways.h \
	ovs-ctl/sync-ports.c \
	ovs-ctl/sync-quality.c \
	ovs-ctl/sync-resolve.c \
	ovs-ctl/sync-wg.c \
	ovs-ctl/way-out-file.c \
	ovs-ctl/way-out-file.h

nodist_ovs_ctl_libovsctl_a_SOURCES = $(MOBULA_IDL_BUILT)

# The database Mobula: its schema is installed to be read by people; mobulad
# carries a copy, so that the two cannot differ.  OVS's own ovsdb-idlc makes
# the bindings.
dist_pkgdata_DATA = ovs-ctl/mobula.ovsschema
EXTRA_DIST += ovs-ctl/mobula-idl.ann
MOBULA_IDL_BUILT = \
	ovs-ctl/mobula-idl.c \
	ovs-ctl/mobula-idl.h
CLEANFILES += $(MOBULA_IDL_BUILT) ovs-ctl/mobula-idl.ovsidl \
	ovs-ctl/mobula-schema.inc
OVSDB_IDLC = PYTHONPATH=$(OVS_SRC)/python PYTHONDONTWRITEBYTECODE=yes \
	$(PYTHON3) $(OVS_SRC)/ovsdb/ovsdb-idlc.in
ovs-ctl/mobula-idl.ovsidl: ovs-ctl/mobula.ovsschema ovs-ctl/mobula-idl.ann
	$(AM_V_GEN)$(MKDIR_P) ovs-ctl && \
	  $(OVSDB_IDLC) annotate $(srcdir)/ovs-ctl/mobula.ovsschema \
	    $(srcdir)/ovs-ctl/mobula-idl.ann > $@.tmp && mv $@.tmp $@
# Who needs them, in a tree that is new.
ovs-ctl/facts-publish.$(OBJEXT) ovs-ctl/mobula-idl.$(OBJEXT): \
	ovs-ctl/mobula-idl.h
ovs-ctl/facts-server.$(OBJEXT): ovs-ctl/mobula-schema.inc
ovs-ctl/mobula-idl.c: ovs-ctl/mobula-idl.ovsidl
	$(AM_V_GEN)$(OVSDB_IDLC) c-idl-source $< > $@.tmp && mv $@.tmp $@
ovs-ctl/mobula-idl.h: ovs-ctl/mobula-idl.ovsidl
	$(AM_V_GEN)$(OVSDB_IDLC) c-idl-header $< > $@.tmp && mv $@.tmp $@
# The text as a C string.
ovs-ctl/mobula-schema.inc: ovs-ctl/mobula.ovsschema
	$(AM_V_GEN)$(MKDIR_P) ovs-ctl && \
	  $(SED) -e 's/[\\"]/\\&/g' -e 's/^/"/' -e 's/$$/\\n"/' \
	    $(srcdir)/ovs-ctl/mobula.ovsschema > $@.tmp && mv $@.tmp $@

sbin_PROGRAMS += ovs-ctl/mobulad
ovs_ctl_mobulad_SOURCES = ovs-ctl/main.c
ovs_ctl_mobulad_LDADD = $(mobula_libs)

EXTRA_DIST += ovs-ctl/mobulad.service.in ovs-ctl/mobula-external.service.in
CLEANFILES += ovs-ctl/mobulad.service ovs-ctl/mobula-external.service
if INSTALL_UNIT
systemdsystemunit_DATA = \
	ovs-ctl/mobula-external.service \
	ovs-ctl/mobulad.service
endif
ovs-ctl/mobula-external.service: ovs-ctl/mobula-external.service.in Makefile
	$(AM_V_GEN)$(SED) -e 's,[@]sbindir[@],$(sbindir),' \
	  $(srcdir)/ovs-ctl/mobula-external.service.in > $@.tmp && mv $@.tmp $@
ovs-ctl/mobulad.service: ovs-ctl/mobulad.service.in Makefile
	$(AM_V_GEN)$(SED) -e 's,[@]sbindir[@],$(sbindir),' \
	  -e 's,[@]bindir[@],$(bindir),' \
	  $(srcdir)/ovs-ctl/mobulad.service.in > $@.tmp && mv $@.tmp $@
