# utilities/: command-line tools, the lab, checks of the tree.
bin_PROGRAMS += utilities/mobula-ctl
utilities_mobula_ctl_SOURCES = \
	utilities/cmd-addr.c \
	utilities/cmd-check.c \
	utilities/cmd-daemon.c \
	utilities/cmd-facts.c \
	utilities/cmd-flows.c \
	utilities/cmd-keygen.c \
	utilities/cmd-macs.c \
	utilities/cmd-plan.c \
	utilities/cmd-status.c \
	utilities/cmd-wire-add.c \
	utilities/cmd-wire-config.c \
	utilities/cmds.h \
	utilities/daemon-client.c \
	utilities/daemon-client.h \
	utilities/mobula-ctl.c \
	utilities/qr.c \
	utilities/qr.h
utilities_mobula_ctl_LDADD = $(mobula_libs) $(QRENCODE_LIBS)

noinst_PROGRAMS += utilities/gen-flows-man
utilities_gen_flows_man_SOURCES = utilities/gen-flows-man.c
utilities_gen_flows_man_LDADD = $(mobula_libs)

EXTRA_DIST += \
	.ci/run \
	utilities/bootstrap \
	utilities/check-dist.sh \
	utilities/check-purity.sh \
	utilities/check-size.accepted \
	utilities/check-size.sh \
	utilities/check-style.sh \
	utilities/deploy-vm \
	utilities/kernel-vm \
	utilities/kernel-vm-init \
	utilities/lab/__init__.py \
	utilities/lab/cli.py \
	utilities/lab/client.py \
	utilities/lab/guest.py \
	utilities/lab/host.py \
	utilities/lab/init.py \
	utilities/lab/inventory.py \
	utilities/lab/lab.py \
	utilities/lab/namespaces.py \
	utilities/lab/process.py \
	utilities/lab/reach.py \
	utilities/lab/state.py \
	utilities/lab/underlay.py \
	utilities/lab/wgconf.py \
	utilities/mobula-lab \
	utilities/quickstart \
	utilities/run-tests \
	utilities/tree-files.sh

# The gates: style and sizes of the sources, purity of the objects.
check-style: all
	$(srcdir)/utilities/check-style.sh
	$(srcdir)/utilities/check-size.sh
	$(srcdir)/utilities/check-purity.sh
# The tarball has everything that git has.
check-dist:
	rm -rf $(distdir)
	$(MAKE) $(AM_MAKEFLAGS) distdir
	$(srcdir)/utilities/check-dist.sh $(distdir)
	rm -rf $(distdir)
.PHONY: check-dist check-style
