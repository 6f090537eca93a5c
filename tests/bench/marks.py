"""What Klaxon must do: every row of the table, its unit, and the mark it has to meet. None: a figure without a mark."""

import collections

Mark = collections.namedtuple("Mark", "group key what unit must limit")

AT_LEAST, AT_MOST, BESIDE = "≥", "≤", None

MARKS = [Mark(*row) for row in [
    ("share", "share_64", "share of the radio, steady, 64 modems", "", AT_LEAST, 0.997),
    ("share", "slowest_64", "  its slowest modem", "", BESIDE, None),
    ("share", "window_64", "  over 45 s from enqueueing (0.9827 is all there is)", "", AT_LEAST, 0.98),
    ("share", "cpu_64", "  processor for 1000 messages", "s", AT_MOST, 0.2),
    ("share", "resident_64", "  memory", "MiB", AT_MOST, 24),
    ("share", "share_64_reports", "share, 64 modems, with status reports", "", AT_LEAST, 0.997),
    ("share", "window_64_reports", "  over 45 s from enqueueing", "", AT_LEAST, 0.98),
    ("share", "cpu_64_reports", "  processor for 1000 messages, their reports too", "s", BESIDE, None),
    ("share", "share_256", "share, 256 modems", "", AT_LEAST, 0.995),
    ("share", "slowest_256", "  its slowest modem", "", BESIDE, None),
    ("share", "window_256", "  over 45 s from enqueueing", "", AT_LEAST, 0.98),
    ("share", "cpu_256", "  processor for 1000 messages", "s", AT_MOST, 0.12),
    ("share", "resident_256", "  memory", "MiB", AT_MOST, 32),
    ("share", "share_256_reports", "share, 256 modems, with status reports", "", AT_LEAST, 0.995),
    ("share", "window_256_reports", "  over 45 s from enqueueing", "", AT_LEAST, 0.98),
    ("share", "cpu_256_reports", "  processor for 1000 messages, their reports too", "s", BESIDE, None),
    ("no-time", "no_time_8", "modems and radio that take no time, 8 modems", "/s", AT_LEAST, 7000),
    ("no-time", "no_time_cpu_8", "  processor for a message", "µs", BESIDE, None),
    ("no-time", "no_time_64", "the same, 64 modems", "/s", AT_LEAST, 15000),
    ("no-time", "no_time_cpu_64", "  processor for a message", "µs", BESIDE, None),
    ("inbound", "inbound_idle", "inbound to readable, idle, stored first: median", "ms", AT_MOST, 14),
    ("inbound", "inbound_idle_p99", "  99th percentile", "ms", AT_MOST, 20),
    ("inbound", "inbound_pushed", "pushed (+CMT, +CNMA), idle: median", "ms", AT_MOST, 4),
    ("inbound", "inbound_pushed_p99", "  99th percentile", "ms", AT_MOST, 10),
    ("inbound", "inbound_sending", "while all send, beyond the submit in flight: median", "ms", AT_MOST, 15),
    ("inbound", "inbound_sending_p99", "  99th percentile", "ms", AT_MOST, 15),
    ("inbound", "inbound_sending_whole", "  with the submit in flight (2 s): median", "ms", BESIDE, None),
    ("inbound", "inbound_sending_whole_p99", "  99th percentile", "ms", BESIDE, None),
    ("keyword", "keyword_first", "keyword to its 1st text, 4 idle modems, 0.3 s a submit", "ms", AT_MOST, 327),
    ("keyword", "keyword_last", "  to its 20th text", "ms", AT_MOST, 1580),
    ("keyword", "keyword_last_worst", "  to its 20th text, the slowest of 12", "ms", BESIDE, None),
    ("keyword", "keyword_beside_backlog", "keyword read to AT+CMGS beside 10 000 in lane bulk: median", "ms", BESIDE, None),
    ("keyword", "keyword_beside_backlog_worst", "  the slowest of 40", "ms", BESIDE, None),
    ("kills", "kills_lost", "30 kills under load: lost", "", AT_MOST, 0),
    ("kills", "kills_doubled", "  doubled beyond what was in doubt", "", AT_MOST, 0),
    ("kills", "kills_settled", "  doubts that evidence settled", "", AT_LEAST, 0.9),
    ("kills", "kills_doubts", "  doubts", "", BESIDE, None),
    ("kills", "kills_accepted", "  messages", "", BESIDE, None),
    ("kills", "kills_inbound", "  inbound lost or doubled", "", AT_MOST, 0),
    ("kills", "kills_texts", "  inbound texts", "", BESIDE, None),
    ("kills", "kills_stuck", "  modems stuck", "", AT_MOST, 0),
    ("coming-back", "replugged", "replugged: back after, the slowest of 8", "s", AT_MOST, 1.5),
    ("coming-back", "replugged_core", "  of a core while it is away and two modems send", "", AT_MOST, 0.05),
    ("coming-back", "silent", "silent for 20 s: back after", "s", AT_MOST, 3),
    ("coming-back", "rebooted", "rebooted by itself: back after its RDY, the slowest of 8", "s", AT_MOST, 2),
    ("coming-back", "lost_answer_again", "answer to a submit lost: sent again unasked", "times", AT_MOST, 0),
    ("small-sim", "small_sim", "40 texts for 10 slots of 1 of 4 modems while all send: sending keeps", "", AT_LEAST, 0.85),
    ("small-sim", "small_sim_itself", "  that modem by itself", "", BESIDE, None),
    ("small-sim", "small_sim_seconds", "  all 40 readable after", "s", BESIDE, None),
    ("http", "accept_single", "accepted by HTTP, 64 connections", "/s", AT_LEAST, 20000),
    ("http", "accept_single_p99", "  99th percentile", "ms", AT_MOST, 10),
    ("http", "accept_single_cpu", "  processor for a POST", "µs", BESIDE, None),
    ("http", "accept_keyed", "the same with an Idempotency-Key each", "/s", AT_LEAST, 12000),
    ("http", "accept_keyed_p99", "  99th percentile", "ms", BESIDE, None),
    ("http", "accept_keyed_cpu", "  processor for a POST", "µs", BESIDE, None),
    ("http", "lists_fresh", "in lists of 1000, messages", "/s", AT_LEAST, 80000),
    ("backlog", "lists_above", "  above a million rows", "/s", AT_LEAST, 50000),
    ("http", "alert_beside_lists", "an alert's 202 beside a flood of lists: 99th percentile", "ms", AT_MOST, 40),
    ("http", "alert_beside_lists_median", "  median", "ms", BESIDE, None),
    ("http", "get_beside_lists", "a GET beside it: 99th percentile", "ms", AT_MOST, 10),
    ("http", "get_beside_lists_median", "  median", "ms", BESIDE, None),
    ("backlog", "dispatch_ratio", "one more message at 1 000 000 against 1000: dispatch", "", AT_MOST, 1.1),
    ("backlog", "accept_ratio", "  accept", "", AT_MOST, 1.2),
    ("backlog", "start_million", "start with a million queued: ready to the first text", "ms", AT_MOST, 150),
    ("backlog", "resident_long", "  memory", "MiB", BESIDE, None),
    ("slow-disk", "slow_accept", "fsync 20 ms slower: accepted by HTTP", "/s", AT_LEAST, 2000),
    ("slow-disk", "slow_accept_p50", "  median", "ms", AT_MOST, 30),
    ("slow-disk", "slow_share", "  share, 64 modems, over 45 s from enqueueing", "", AT_LEAST, 0.98),
    ("slow-disk", "slow_steady", "  share, steady", "", BESIDE, None),
    ("hung-disk", "hung_alert", "the disk hangs: first byte of an alert beyond disk_deadline", "ms", AT_MOST, 30),
    ("hung-disk", "hung_answer", "  its 202 beyond disk_deadline", "ms", AT_MOST, 30),
    ("hung-disk", "hung_read", "  a GET meanwhile: 99th percentile", "ms", AT_MOST, 10),
    ("(all)", "peak_wal", "write-ahead log, the largest of all these loads", "MiB", AT_MOST, 64),
    ("(all)", "peak_resident", "memory, the largest of all these loads", "MiB", AT_MOST, 64),
]]


def met(mark, value):
    """True, False, or None where there is no mark."""
    if mark.must is None:
        return None
    return value >= mark.limit if mark.must == AT_LEAST else value <= mark.limit


def shown(value, unit=""):
    """Enough digits to compare it with its mark, and no more; a share has four."""
    number = float(value)
    if number == int(number) or abs(number) >= 1000:
        text = f"{number:,.0f}".replace(",", " ")
    else:
        digits = next(d for least, d in ((100, 0), (10, 1), (2, 2), (0, 3 if unit else 4)) if abs(number) >= least)
        text = f"{number:.{digits}f}"
    return text if not unit or unit == "times" else f"{text}{'' if unit.startswith('/') else ' '}{unit}"
