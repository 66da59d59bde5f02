# flows/: OpenFlow flows and groups as a pure function of their input.
noinst_LIBRARIES += flows/libflows.a
flows_libflows_a_SOURCES = \
	flows/flow-table.c \
	flows/flow-table.h \
	flows/flows-input.h
