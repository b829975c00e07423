# SPDX-License-Identifier: BSD-2-Clause
"""What was measured against what was aimed at, as tables and as JSON."""

import dataclasses
import statistics


@dataclasses.dataclass
class Row:
    """The runs of one contestant in one case."""
    case: str
    who: str
    milliseconds: list
    max_rss_kb: int
    failures: int

    @property
    def median(self):
        return statistics.median(self.milliseconds)

    @property
    def p90(self):
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * 0.9))]


@dataclasses.dataclass
class Target:
    """`goal` and `limit` are None where there is none."""
    what: str
    unit: str
    measured: float
    goal: float = None
    limit: float = None
    more_is_better: bool = False

    @property
    def verdict(self):
        for bound, word in ((self.goal, "goal"), (self.limit, "ok")):
            if bound is not None and self.reaches(bound):
                return word
        return "missed"

    def reaches(self, bound):
        return self.measured >= bound if self.more_is_better else self.measured <= bound


def aligned(rows):
    """Lines of text, the first column to the left and the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        yield "  ".join(cells).rstrip()


def ratio(row, base):
    return f"{row.median / base.median:.2f}" if base else ""


def format_case(rows, floor, crun):
    """Of one case: `floor` and `crun` name the contestants to divide by."""
    by_name = {row.who: row for row in rows}
    table = [[rows[0].case, "median ms", "p90 ms", "× floor", "× crun", "RSS kB", "failed"]]
    for row in rows:
        table.append([
            "  " + row.who, f"{row.median:.2f}", f"{row.p90:.2f}", ratio(row, by_name.get(floor)),
            ratio(row, by_name.get(crun)), str(row.max_rss_kb), str(row.failures or "")])
    return "\n".join(aligned(table))


def number(value):
    return "—" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")


def format_targets(targets):
    table = [["target", "unit", "measured", "goal", "not worse than", ""]]
    for target in targets:
        table.append([target.what, target.unit, f"{target.measured:.2f}", number(target.goal),
                      number(target.limit), target.verdict])
    return "\n".join(aligned(table))


def as_json(machine, rows, targets):
    return {
        "machine": machine,
        "rows": [{"case": row.case, "who": row.who, "median_ms": row.median, "p90_ms": row.p90,
                  "max_rss_kb": row.max_rss_kb, "failures": row.failures,
                  "milliseconds": row.milliseconds} for row in rows],
        "targets": [dict(dataclasses.asdict(target), verdict=target.verdict)
                    for target in targets],
    }
