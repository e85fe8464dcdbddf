#!/usr/bin/env python3
"""The benchmarks on a broker still work: each once, on little data. Nothing here is timed.

The race is left out: its peer is not part of this repository.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
SKIPPED = 77
BUILD = ""


def run_benchmark(script, *flags):
    """What the benchmark writes with --json. CalledProcessError: it found something wrong, its message says what."""
    environment = {**os.environ, "BOOTSTRAP": os.environ["KEYFOLD_TEST_KAFKA"]}
    with tempfile.NamedTemporaryFile() as results:
        subprocess.run([sys.executable, str(HERE / script), "--build", BUILD, "--json", results.name, *flags],
                       check=True, env=environment)
        return json.load(results)


class BrokerBenchesTest(unittest.TestCase):
    def test_engine_cold_and_warm_runs_agree(self):
        results = run_benchmark("engine.py", "--workload", "sample", "--events", "3000", "--accounts", "100",
                                "--accounts-large", "200", "--partitions", "2")
        self.assertEqual([(run["workload"], run["state"]) for run in results["runs"]],
                         [("sample zipf 100", "cold"), ("sample zipf 100", "rebuild"), ("sample zipf 100", "warm"),
                          ("sample uniform 200", "cold"), ("sample uniform 200", "rebuild"),
                          ("sample uniform 200", "warm")])
        for run in results["runs"]:
            self.assertGreater(run["cpu_s"], 0)
            self.assertGreater(run["events"], 1000)
            if run["state"] != "rebuild":
                self.assertGreater(run["published"], 0)
                self.assertGreater(run["published_rollups"], 0)

    def test_limit_has_a_cost_for_every_step(self):
        results = run_benchmark("limit.py", "--events", "3000", "--accounts", "100", "--partitions", "2")
        self.assertEqual([step["step"] for step in results["steps"]], ["consume", "parse", "store", "produce"])
        self.assertEqual({step["events"] for step in results["steps"]}, {3000})
        self.assertGreaterEqual(results["steps"][-1]["updates"], 100)
        self.assertEqual(results["keyfold"]["events"], 3000)

    def test_a_gateway_answers_and_streams(self):
        results = run_benchmark("gateway.py", "--accounts", "60", "--events-per-account", "40", "--requests", "3",
                                "--readers", "5", "--rate", "50", "--seconds", "2", "--cuts", "20", "--partitions", "2")
        self.assertGreater(len(results["questions"]), 20)
        self.assertEqual([run["lines"] for run in results["streams"]], ["plain", "TLS"])
        for run in results["streams"]:
            self.assertEqual(run["sent"], 100)
            self.assertGreater(run["delivered"], 50)

    @unittest.skipIf(os.environ.get("CI") != "true" and shutil.which("chromium") is None, "chromium is not installed")
    def test_the_page_shows_a_tile_and_a_row(self):
        result = run_benchmark("page.py", "--accounts", "60", "--windows", "1", "--partitions", "2")
        self.assertLess(0, result["paint_ms"])
        self.assertLessEqual(result["paint_ms"], result["row_ms"])
        self.assertGreater(result["sent_kb"], 50)

    def test_latency_sees_every_event(self):
        results = run_benchmark("latency.py", "--rate", "200", "--accounts", "50", "--warm-up", "0.5", "--measure", "1",
                                "--partitions", "2")
        self.assertEqual([run["guarantee"] for run in results["runs"]], ["exactly_once", "at_least_once"])
        for run in results["runs"]:
            self.assertEqual(run["events"], 200)
            self.assertLess(0, run["p50_ms"])
            self.assertLessEqual(run["p50_ms"], run["p99_ms"])
            self.assertLessEqual(run["p99_ms"], run["max_ms"])

    def test_posts_accepts_every_event(self):
        results = run_benchmark("posts.py", "--connections", "1", "3", "--batch", "5", "--seconds", "1", "--partitions",
                                "2")
        self.assertEqual([run["connections"] for run in results["runs"]], [1, 3])
        for run in results["runs"]:
            self.assertGreater(run["events"], 5)
            self.assertLessEqual(run["p50_ms"], run["p99_ms"])

    def test_growth_has_all_sizes(self):
        results = run_benchmark("growth.py", "--accounts", "10", "1500", "--history", "50", "--history-events", "1000",
                                "--partitions-of-process", "1", "3", "--partitions", "2", "--events", "1000",
                                "--midnight-rate", "100", "--midnight-seconds", "2")
        self.assertEqual([(run["what"], run.get("size")) for run in results["runs"]],
                         [("accounts", 10), ("accounts", 1500), ("sweep", 1500), ("at rest", None),
                          ("midnight", None), ("no history", 0), ("history", 50), ("partitions", 1), ("partitions", 3)])
        self.assertGreater(results["runs"][4]["transactions"], 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    BUILD = parser.parse_args().build
    if not os.environ.get("KEYFOLD_TEST_KAFKA"):
        print("NOT TESTED: KEYFOLD_TEST_KAFKA is not set")
        sys.exit(1 if os.environ.get("CI") == "true" else SKIPPED)
    unittest.main(argv=sys.argv[:1], verbosity=2)
