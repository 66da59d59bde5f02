# flows/: OpenFlow flows and groups as a pure function of their input.
noinst_LIBRARIES += flows/libflows.a
flows_libflows_a_SOURCES = \
	flows/bind.c \
	flows/bind.h \
	flows/compute.c \
	flows/compute.h \
	flows/cookie.c \
	flows/cookie.h \
	flows/flow-add.c \
	flows/flow-add.h \
	flows/flow-table.c \
	flows/flow-table.h \
	flows/explain.c \
	flows/explain.h \
	flows/flows-diff.c \
	flows/flows-diff.h \
	flows/flows-input.c \
	flows/flows-input.h \
	flows/groups.c \
	flows/groups.h \
	flows/meter-entry.c \
	flows/meter-entry.h \
	flows/installed-ways.c \
	flows/installed-ways.h \
	flows/learnt.c \
	flows/learnt.h \
	flows/port-vlans.c \
	flows/port-vlans.h \
	flows/rules.c \
	flows/rules.h \
	flows/stage-access-in.c \
	flows/stage-admission.c \
	flows/stage-answer.c \
	flows/stage-answers.c \
	flows/stage-claims.c \
	flows/stage-egress.c \
	flows/stage-flood.c \
	flows/stage-lookup.c \
	flows/stage-nd-claims.c \
	flows/stage-relay.c \
	flows/stage-remote-macs.c \
	flows/stage-transit.c \
	flows/stage-tunnel-in.c \
	flows/stage-underlay.c \
	flows/stage-vlan-in.c \
	flows/stages.c \
	flows/stages.h
