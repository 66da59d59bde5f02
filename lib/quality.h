/*
 * Copyright (c) 2026 The Mobula Authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at:
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

/* quality: how well does the direct link to a peer work?
 *
 * Small probes are sent all the time, and the peer answers each of them.  From
 * those of the last while follow loss, round trip and jitter.
 *
 * Whether a link is poor is not read off the loss of the last while: what is
 * quick enough for heavy loss would take some bad luck for loss as well.
 * Instead a bucket is filled by one for each lost probe, and drained a little
 * by each that is answered, so that it neither fills nor empties while as much
 * is lost as is allowed.  When it is full, the link is poor.  The other way
 * round it takes a long run of answers, in which a lost probe takes away what
 * many have brought.
 *
 * A link on which nothing is lost is probed more seldom, until an answer is
 * late; but not a poor one, which is to be used again soon.
 *
 *     probes lost     poor at 'poor_loss' 50 after
 *            1 %      never
 *            5 %      a minute or two
 *           10 %      20 s
 *           20 %      8 s
 *           50 %      4 s
 *
 * What says nothing does not count: probes that meet a link that is down, and
 * a peer that does not answer any although the link is up, for that is a
 * firewall.
 *
 * A link that is said to be down while the first probes after that are
 * answered was not: somebody was just too busy to send or to listen in time.
 * Such false alarms are counted.  A late answer says nothing: WireGuard keeps
 * what it cannot send, and sends it when the link is back.
 *
 * Pure; 'now' comes as an argument, in ms, monotonic. */

#ifndef MOBULA_QUALITY_H
#define MOBULA_QUALITY_H 1

#include <stdbool.h>
#include <stdint.h>

/* How many probes are remembered. */
#define QUALITY_WINDOW 128

/* How long an answer may take, in ms. */
#define QUALITY_WAIT_MS 1000

/* The answer to one of so many probes, the first after the link went down,
 * shows that it works, if it takes no longer than any other. */
#define QUALITY_WATCHED_PROBES 5

/* How often probes should be sent, in ms; and how often once so many of them
 * have been answered in a row. */
#define QUALITY_INTERVAL_MS 100
#define QUALITY_CALM_INTERVAL_MS 300
#define QUALITY_CALM_PROBES 50

/* After so many probes in a row without an answer, there will be none. */
#define QUALITY_SILENT 40

struct quality_config {
    uint16_t poor_loss;         /* Permille of probes lost: poor from there,
                                 * well again below a quarter of it. */
};

/* What others want to know. */
struct quality_sum {
    uint16_t n;                 /* Probes of which the numbers are made; 0: not
                                 * known, and the numbers are 0. */
    uint16_t loss;              /* Permille, 0..1000. */
    uint32_t rtt_us;            /* Median round trip, 0 = not known. */
    uint32_t jitter_us;         /* What 95 of 100 exceed the median by at
                                 * most. */
    bool poor;
};

enum quality_fate {
    QUALITY_NONE,               /* Never sent, or does not count. */
    QUALITY_WATCHED,            /* Does not count, but an answer would show
                                 * that the link works. */
    QUALITY_SENT,               /* There may still be an answer. */
    QUALITY_ANSWERED,
    QUALITY_LOST,
};

/* One probe. */
struct quality_entry {
    enum quality_fate fate;
    uint32_t rtt_us;            /* QUALITY_ANSWERED: how long it took. */
    uint32_t sent_us;           /* When it was sent, by a precise clock... */
    long long int sent_ms;      /* ...and by that of all else. */
};

/* All members are private to quality.c. */
struct quality {
    struct quality_entry entries[QUALITY_WINDOW];   /* By number. */
    uint16_t next;              /* Number of the next probe. */
    uint16_t oldest;            /* Of the oldest that may be answered. */
    uint16_t n_answered;        /* Since the last quality_run(). */
    bool down;                  /* Probes do not count... */
    bool doubted;               /* ...but one that is watched might show that
                                 * the link is not down. */
    uint8_t n_to_watch;         /* DOUBTED: so many more will be watched. */
    bool falsely_down;          /* DOWN: one has shown it. */
    unsigned int n_false_alarms;
    bool heard;                 /* One was answered... */
    uint16_t n_silent;          /* ...and so many after it were not. */
    uint16_t n_calm;            /* So many in a row were answered, up to
                                 * QUALITY_CALM_PROBES. */
    int32_t bucket;             /* Lost probes, on balance, in thousandths. */
    int32_t well;               /* POOR: answered probes, on balance. */
    bool poor;
};

void quality_init(struct quality *);

/* The link is down, since 'since' as far as is known: what becomes of probes
 * sent from then on until quality_set_up() says nothing. */
void quality_set_down(struct quality *, long long int since);
void quality_set_up(struct quality *);

/* Returns true if it matters for false alarms whether probes are answered: if
 * more should be sent soon, although the link is down. */
bool quality_is_watched(const struct quality *);

/* Returns true if the link is not poor, nothing has been lost for a while, and
 * nothing may just have been: if no answer is late by as much as the next
 * probe.  Then QUALITY_CALM_INTERVAL_MS is soon enough for that one. */
bool quality_is_calm(const struct quality *, long long int now);

/* Returns how often the link was said to be down and was not. */
unsigned int quality_n_false_alarms(const struct quality *);

/* Returns true if the link is said to be down now, and is not. */
bool quality_is_falsely_down(const struct quality *);

/* Returns the number of a probe that is sent at 'now', which is 'now_us' by a
 * clock of microseconds that may start anywhere.  Not more than QUALITY_WINDOW
 * in QUALITY_WAIT_MS. */
uint16_t quality_send(struct quality *, long long int now, uint32_t now_us);

/* Probe 'number' could not be sent. */
void quality_unsent(struct quality *, uint16_t number);

/* Probe 'number' was answered at 'then_us', which may be a while ago.  Unknown
 * ones, second answers and answers that are too late do not count. */
void quality_answer(struct quality *, uint16_t number, uint32_t then_us);

/* Gives up probes that were sent too long ago.  To be called after all answers
 * were taken in.  Returns true if the link has become poor, or well again,
 * since the last call. */
bool quality_run(struct quality *, const struct quality_config *,
                 long long int now);

void quality_summarize(const struct quality *, struct quality_sum *);

/* Returns true if two sums of a link differ by no more than they do when
 * nothing has happened. */
bool quality_sum_is_similar(const struct quality_sum *,
                            const struct quality_sum *);

#endif /* lib/quality.h */
