# ovs-ctl/: the daemon, and all that speaks to Open vSwitch.
noinst_LIBRARIES += ovs-ctl/libovsctl.a
ovs_ctl_libovsctl_a_SOURCES = \
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
	ovs-ctl/of-watch.h

sbin_PROGRAMS += ovs-ctl/mobulad
ovs_ctl_mobulad_SOURCES = ovs-ctl/main.c
ovs_ctl_mobulad_LDADD = $(mobula_libs)
