"""How long data may be kept: who says so is told before and when it matters."""

from harness import eventually

SCENARIO = """
schema: fieldproof/scenario/v1
id: {id}
version: 1.0.0
title: {{en: {id}}}
setting: real
criteria:
  - {{id: ok, statistic: {statistic}, outcome: success, at-least: 0.5, confidence: 0.95}}
governance: {{{governance}}}
"""


def define(site, name, governance, statistic="proportion"):
    path = site.directory / "scenarios" / f"{name}.yaml"
    path.write_text(SCENARIO.format(id=name, governance=governance, statistic=statistic))
    return str(path)


def test_a_check_tells_which_limit_holds(site):
    site.collector_settings["archive"]["retention"] = "180d"
    site.write_settings()
    fall = define(site, "fall", "retention: 30d")
    arm = define(site, "arm", "retention: 180d")
    checked = site.fieldproof("scenario", "check", fall, arm)
    assert checked.returncode == 0
    assert "frames are kept for 30d, as the retention of fall says, and not for 180d" in checked.stderr
    assert "frames of arm go with them after 30d" in checked.stderr
    alone = site.fieldproof_alone("scenario", "check", fall)
    assert alone.returncode == 0 and alone.stderr == ""


def test_a_check_tells_what_an_archive_that_keeps_less_loses(site):
    site.collector_settings["archive"]["retention"] = "30d"
    site.write_settings()
    checked = site.fieldproof("scenario", "check", define(site, "arm", "retention: 180d"))
    assert checked.returncode == 0
    assert "frames of arm may be kept for 180d and are for 30d" in checked.stderr


def test_less_than_a_day_is_refused_at_its_place(site):
    checked = site.fieldproof_alone("scenario", "check", define(site, "arm", "retention: 6h"))
    assert checked.returncode == 78
    assert "governance.retention" in checked.stderr and ":9:" in checked.stderr


def test_a_collector_says_so_when_it_starts(site):
    define(site, "fall", "retention: 30d")
    define(site, "arm", "classification: internal")
    site.start()
    eventually(lambda: "frames are kept for 30d, as the retention of fall says, and not for ever" in site.collector.log)
    assert "frames of arm go with them after 30d" in site.collector.log
