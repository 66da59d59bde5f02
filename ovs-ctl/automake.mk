# ovs-ctl/: the daemon, and all that speaks to Open vSwitch.
noinst_LIBRARIES += ovs-ctl/libovsctl.a
ovs_ctl_libovsctl_a_SOURCES = \
	ovs-ctl/of-fsm.c \
	ovs-ctl/of-fsm.h

sbin_PROGRAMS += ovs-ctl/mobulad
ovs_ctl_mobulad_SOURCES = ovs-ctl/main.c
ovs_ctl_mobulad_LDADD = $(mobula_libs)
