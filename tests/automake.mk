# tests/: one Autotest suite per ring (see Documentation/test-development.md)
# and one binary, mobula-test, with a subcommand per module under test.
check_PROGRAMS += tests/mobula-test
tests_mobula_test_SOURCES = \
	tests/mobula-test.c \
	tests/mobula-test.h \
	tests/net-args.c \
	tests/net-args.h \
	tests/paths-check.c \
	tests/paths-check.h \
	tests/paths-model.c \
	tests/paths-model.h \
	tests/switch-sync.c \
	tests/switch-sync.h \
	tests/test-addr.c \
	tests/test-child.c \
	tests/test-dnsmasq.c \
	tests/test-external.c \
	tests/test-fabric.c \
	tests/test-facts.c \
	tests/test-liveness.c \
	tests/test-mac-table.c \
	tests/test-mtu.c \
	tests/test-net.c \
	tests/test-net-codec.c \
	tests/test-net-out.c \
	tests/test-flows-switch.c \
	tests/test-flows.c \
	tests/test-graphs.c \
	tests/test-guard.c \
	tests/test-guards.c \
	tests/test-of-fsm.c \
	tests/test-of-learn.c \
	tests/test-of.c \
	tests/test-pace.c \
	tests/test-paths-check.c \
	tests/test-paths.c \
	tests/test-plan.c \
	tests/test-ports.c \
	tests/test-quality.c \
	tests/test-resolve.c \
	tests/test-wg-live.c \
	tests/test-storm.c \
	tests/test-wg.c \
	tests/test-wg.h \
	tests/topo.c \
	tests/topo.h
tests_mobula_test_LDADD = $(mobula_libs)

# Ring 'unit': pure, no root.
UNIT_AT = \
	tests/unit.at \
	tests/cli.at \
	tests/deploy-update.at \
	tests/documentation.at \
	tests/flows-compute.at \
	tests/flows-cookie.at \
	tests/flows-diff.at \
	tests/flows-table.at \
	tests/gates.at \
	tests/gateway-child.at \
	tests/gateway-dnsmasq.at \
	tests/gateway-guard.at \
	tests/gateway-supervise.at \
	tests/lab-wgconf.at \
	tests/lib-addr.at \
	tests/lib-fabric.at \
	tests/lib-liveness.at \
	tests/lib-mac-table.at \
	tests/lib-guards.at \
	tests/lib-mtu.at \
	tests/lib-paths.at \
	tests/lib-plan.at \
	tests/lib-quality.at \
	tests/lib-resolve.at \
	tests/lib-wgkey.at \
	tests/lib-wires.at \
	tests/net-codec.at \
	tests/net-diff.at \
	tests/net-external.at \
	tests/net-out.at \
	tests/net-want.at \
	tests/ovsctl-facts.at \
	tests/ovsctl-facts-peer.at \
	tests/ovsctl-fsm.at \
	tests/ovsctl-learn.at \
	tests/ovsctl-pace.at \
	tests/ovsctl-ports.at \
	tests/run-suite.at \
	tests/wg-device.at \
	tests/wg-diff.at \
	tests/wg-genl-codec.at \
	tests/wg-uapi-codec.at

# Ring 'switch': real ovs-vswitchd with the dummy datapath, no root.
SWITCH_AT = \
	tests/switch.at \
	tests/ovsctl-of.at \
	tests/switch-answers.at \
	tests/switch-flows.at \
	tests/switch-macros.at \
	tests/switch-relay.at

# Ring 'system': hosts in network namespaces; needs root.
SYSTEM_AT = \
	tests/system.at \
	tests/system-answers.at \
	tests/system-daemon.at \
	tests/system-deploy.at \
	tests/system-dns.at \
	tests/system-external.at \
	tests/system-facts.at \
	tests/system-failover.at \
	tests/system-gateway.at \
	tests/system-gray.at \
	tests/system-guard.at \
	tests/system-guest.at \
	tests/system-intrawire.at \
	tests/system-lab.at \
	tests/system-macros.at \
	tests/system-macs.at \
	tests/system-mesh.at \
	tests/system-mtu.at \
	tests/system-net.at \
	tests/system-networks.at \
	tests/system-ovn.at \
	tests/system-paths.at \
	tests/system-protocols.at \
	tests/system-random.at \
	tests/system-reload.at \
	tests/system-repair.at \
	tests/system-storm.at \
	tests/system-vlan.at \
	tests/system-wg.at \
	tests/system-wires.at

# Pure as 'unit', but takes minutes.
EXHAUSTIVE_AT = \
	tests/exhaustive.at \
	tests/exhaustive-paths.at

# The kernel bed itself; needs root and, the first time, the network.
KERNEL_VM_AT = \
	tests/kernel-vm.at

# Topologies, and the flows that are right for them.  "make update-golden"
# writes the flows as they are now: read the difference before committing it.
TOPO_GOLDEN = \
	tests/topo/edges.flows \
	tests/topo/ipv6.flows \
	tests/topo/kernel.flows \
	tests/topo/nothing.flows \
	tests/topo/odd.flows \
	tests/topo/one.flows \
	tests/topo/relays.flows \
	tests/topo/relays-odd.flows \
	tests/topo/stations.flows \
	tests/topo/storm.flows \
	tests/topo/three.flows \
	tests/topo/two.flows \
	tests/topo/vlan.flows
TOPO = $(TOPO_GOLDEN:.flows=.topo) \
	tests/topo/switch.topo \
	tests/topo/switch-no-g5.topo \
	tests/topo/switch-relay.topo \
	tests/topo/switch-vlan.topo
update-golden: tests/mobula-test
	@for flows in $(TOPO_GOLDEN); do \
	  topo=`echo $$flows | sed 's/flows$$/topo/'`; \
	  tests/mobula-test flows-compute $(srcdir)/$$topo > $(srcdir)/$$flows; \
	done
.PHONY: update-golden

TESTSUITES = tests/unit-testsuite tests/switch-testsuite tests/system-testsuite \
	tests/kernel-vm-testsuite tests/exhaustive-testsuite
AT_FILES = $(UNIT_AT) $(SWITCH_AT) $(SYSTEM_AT) $(KERNEL_VM_AT) \
	$(EXHAUSTIVE_AT)
EXTRA_DIST += $(AT_FILES) tests/atlocal.in tests/package.m4
EXTRA_DIST += \
	tests/ask.py \
	tests/deploy-inventory.py \
	tests/deploy-lab.sh \
	tests/documentation-links.sh \
	tests/fake-host.sh \
	tests/fake-ovsdb.py \
	tests/flaky.at \
	tests/follow.py \
	tests/forge-bfd.py \
	tests/frames.py \
	tests/gateway-alone.sh \
	tests/gateway-wire.py \
	tests/half-up.py \
	tests/names.py \
	tests/openings.py \
	tests/packets.py \
	tests/patches.py \
	tests/ovn.sh \
	tests/probe.py \
	tests/protocols.py \
	tests/qr-image.py \
	tests/run-suite.sh \
	tests/random-cuts.py tests/random-guests.py tests/send-past.py tests/stations.py tests/streams.py \
	tests/sweep.py tests/vlan-device.py tests/vlans.py
EXTRA_DIST += tests/switch-functions.sh $(TOPO) $(TOPO_GOLDEN)
DISTCLEANFILES += $(TESTSUITES) tests/atconfig tests/package.m4

AUTOTEST = $(AUTOM4TE) --language=autotest -I tests -I $(srcdir)/tests \
	-I $(srcdir)
$(srcdir)/tests/package.m4: $(top_srcdir)/configure.ac
	$(AM_V_GEN){ \
	  echo 'm4_define([AT_PACKAGE_NAME], [$(PACKAGE_NAME)])'; \
	  echo 'm4_define([AT_PACKAGE_TARNAME], [$(PACKAGE_TARNAME)])'; \
	  echo 'm4_define([AT_PACKAGE_VERSION], [$(PACKAGE_VERSION)])'; \
	  echo 'm4_define([AT_PACKAGE_STRING], [$(PACKAGE_STRING)])'; \
	  echo 'm4_define([AT_PACKAGE_BUGREPORT], [$(PACKAGE_BUGREPORT)])'; \
	} > $@
tests/unit-testsuite: $(srcdir)/tests/package.m4 $(UNIT_AT)
	$(AM_V_GEN)$(AUTOTEST) -o $@.tmp $(srcdir)/tests/unit.at && mv $@.tmp $@
tests/switch-testsuite: $(srcdir)/tests/package.m4 $(SWITCH_AT)
	$(AM_V_GEN)$(AUTOTEST) -o $@.tmp $(srcdir)/tests/switch.at && mv $@.tmp $@
tests/system-testsuite: $(srcdir)/tests/package.m4 $(SYSTEM_AT)
	$(AM_V_GEN)$(AUTOTEST) -o $@.tmp $(srcdir)/tests/system.at && mv $@.tmp $@
tests/exhaustive-testsuite: $(srcdir)/tests/package.m4 $(EXHAUSTIVE_AT)
	$(AM_V_GEN)$(AUTOTEST) -o $@.tmp $(srcdir)/tests/exhaustive.at && mv $@.tmp $@
tests/kernel-vm-testsuite: $(srcdir)/tests/package.m4 $(KERNEL_VM_AT)
	$(AM_V_GEN)$(AUTOTEST) -o $@.tmp $(srcdir)/tests/kernel-vm.at && mv $@.tmp $@

# TESTSUITEFLAGS passes options to Autotest: "-j2", "-k vlan", "12", "-v -x".
# RECHECK=yes gives a few tests that failed a second attempt.
RECHECK = no
RUN_SUITE = RECHECK='$(RECHECK)' $(srcdir)/tests/run-suite.sh $(SHELL)
SUITE_PATH = ovs-ctl:utilities:tests
check-unit: tests/unit-testsuite tests/atlocal all $(check_PROGRAMS)
	$(RUN_SUITE) $< -C tests AUTOTEST_PATH=$(SUITE_PATH) $(TESTSUITEFLAGS)
check-switch: tests/switch-testsuite tests/atlocal all $(check_PROGRAMS)
	$(RUN_SUITE) $< -C tests AUTOTEST_PATH=$(SUITE_PATH) $(TESTSUITEFLAGS)
check-system: tests/system-testsuite tests/atlocal all $(check_PROGRAMS)
	$(RUN_SUITE) $< -C tests AUTOTEST_PATH=$(SUITE_PATH) $(TESTSUITEFLAGS)
check-exhaustive: tests/exhaustive-testsuite tests/atlocal all \
    $(check_PROGRAMS)
	$(RUN_SUITE) $< -C tests AUTOTEST_PATH=$(SUITE_PATH) $(TESTSUITEFLAGS)
check-kernel-vm: tests/kernel-vm-testsuite tests/atlocal
	$(SHELL) $< -C tests $(TESTSUITEFLAGS)
# Ring 'system' again, in the kernel bed.  Its log comes back from there, and
# so do the files of the tests that failed, also when it takes too long.
check-kernel: tests/system-testsuite tests/atlocal all $(check_PROGRAMS)
	rm -rf tests/kernel-vm.dir && mkdir tests/kernel-vm.dir
	$(srcdir)/utilities/kernel-vm --timeout 3600 --out tests/kernel-vm.dir \
	    $(SHELL) -c 'timeout -k 10 3300 $(SHELL) $< -C tests AUTOTEST_PATH=$(SUITE_PATH) $(TESTSUITEFLAGS); \
	        status=$$?; cd tests; \
	        find system-testsuite.log system-testsuite.dir -type f \
	            -exec cp --parents -t kernel-vm.dir {} +; \
	        exit $$status'
# The deployment, with virtual machines that have systemd; takes half an hour,
# needs root and, the first time, the network.
check-deploy-vm: all
	$(srcdir)/utilities/deploy-vm $(DEPLOYVMFLAGS)
# The random walk of ring 'system', for longer: RANDOM_STEPS of them.
RANDOM_STEPS = 1000
check-random: tests/system-testsuite tests/atlocal all $(check_PROGRAMS)
	RANDOM_STEPS=$(RANDOM_STEPS) $(SHELL) $< -C tests \
	    AUTOTEST_PATH=$(SUITE_PATH) -k random $(TESTSUITEFLAGS)
# The random cuts of ring 'system', for longer: N_CUTS of them, and N_FRAMES.
N_CUTS = 200
N_FRAMES = 1000000
check-cuts: tests/system-testsuite tests/atlocal all $(check_PROGRAMS)
	CUTS=$(N_CUTS) CUTS_FRAMES=$(N_FRAMES) $(SHELL) $< -C tests \
	    AUTOTEST_PATH=$(SUITE_PATH) -k cuts $(TESTSUITEFLAGS)
# How long frames are lost when a link or a host fails, in Mobula and, for
# comparison, with RSTP.  Writes Documentation/failover.md and failover.svg.
# Takes an hour, on a machine that has nothing else to do.
bench-failover: all
	rm -f tests/failover.json
	MOBULA_BUILDDIR=$(abs_top_builddir) $(srcdir)/tests/bench/failover.py \
	    measure tests/failover.json
	$(srcdir)/tests/bench/failover.py report tests/failover.json \
	    $(srcdir)/Documentation
.PHONY: bench-failover check-cuts
EXTRA_DIST += tests/bench/beds.py tests/bench/failover.py \
	tests/bench/report.py
CLEANFILES += tests/failover.json
check-local: check-unit check-switch
check-programs: $(check_PROGRAMS)
.PHONY: check-programs check-unit check-switch check-system
.PHONY: check-deploy-vm check-kernel-vm check-kernel check-random check-exhaustive
clean-local:
	test ! -e tests/unit-testsuite || $(SHELL) tests/unit-testsuite -C tests --clean
	test ! -e tests/switch-testsuite || $(SHELL) tests/switch-testsuite -C tests --clean
	test ! -e tests/system-testsuite || $(SHELL) tests/system-testsuite -C tests --clean
	test ! -e tests/kernel-vm-testsuite || $(SHELL) tests/kernel-vm-testsuite -C tests --clean
	test ! -e tests/exhaustive-testsuite || $(SHELL) tests/exhaustive-testsuite -C tests --clean
	rm -rf tests/first-*-testsuite.log tests/first-*-testsuite.dir
	rm -rf tests/sanitizer-reports
	rm -rf tests/kernel-vm.dir utilities/lab/__pycache__

# Configuration files and the complaints about them: tests/yaml/*.yml, *.err.
EXTRA_DIST += tests/check-config.sh tests/yaml
update-yaml: utilities/mobula-ctl
	PATH="$(abs_top_builddir)/utilities:$$PATH" \
	  $(srcdir)/tests/check-config.sh "$(abs_top_srcdir)" --update
.PHONY: update-yaml
