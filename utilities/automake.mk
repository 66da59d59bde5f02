# utilities/: command-line tools, the lab, checks of the tree.
bin_PROGRAMS += utilities/mobula-ctl
utilities_mobula_ctl_SOURCES = \
	utilities/mobula-ctl.c
utilities_mobula_ctl_LDADD = $(mobula_libs)
