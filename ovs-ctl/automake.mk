# ovs-ctl/: the daemon, and all that speaks to Open vSwitch.
noinst_LIBRARIES += ovs-ctl/libovsctl.a
ovs_ctl_libovsctl_a_SOURCES = \
	ovs-ctl/cmds-flows.c \
	ovs-ctl/cmds-flows.h \
	ovs-ctl/cmds-status.c \
	ovs-ctl/cmds-status.h \
	ovs-ctl/cmds.c \
	ovs-ctl/cmds.h \
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
	ovs-ctl/of-fsm.c \
	ovs-ctl/of-fsm.h \
	ovs-ctl/of-ports.c \
	ovs-ctl/of-ports.h \
	ovs-ctl/of-read.c \
	ovs-ctl/of-read.h \
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
	ovs-ctl/rundir.c \
	ovs-ctl/rundir.h \
	ovs-ctl/snapshot.c \
	ovs-ctl/snapshot.h \
	ovs-ctl/sync-flows.c \
	ovs-ctl/sync-guard.c \
	ovs-ctl/sync-net.c \
	ovs-ctl/sync-ports.c \
	ovs-ctl/sync-wg.c

sbin_PROGRAMS += ovs-ctl/mobulad
ovs_ctl_mobulad_SOURCES = ovs-ctl/main.c
ovs_ctl_mobulad_LDADD = $(mobula_libs)

EXTRA_DIST += ovs-ctl/mobulad.service.in
CLEANFILES += ovs-ctl/mobulad.service
if INSTALL_UNIT
systemdsystemunit_DATA = ovs-ctl/mobulad.service
endif
ovs-ctl/mobulad.service: ovs-ctl/mobulad.service.in Makefile
	$(AM_V_GEN)$(SED) -e 's,[@]sbindir[@],$(sbindir),' \
	  -e 's,[@]bindir[@],$(bindir),' \
	  $(srcdir)/ovs-ctl/mobulad.service.in > $@.tmp && mv $@.tmp $@
