"""A Prometheus that scrapes workers each second and apis each third one, and what it is asked."""

import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from waiting import wait_for


class Prometheus:
    def __init__(self, port, folder, rules, targets):
        """`targets` are the addresses of each job, that of the apis first."""
        self.url = f"http://127.0.0.1:{port}"
        folder.mkdir(parents=True)
        (folder / "rules.yml").write_text(rules)
        scrapes = [{"job_name": job, "static_configs": [{"targets": addresses}]} for job, addresses in targets.items()]
        # While the database hangs, the metrics of an api take two seconds, and no scrape may outlast its interval.
        scrapes[0].update(scrape_interval="3s", scrape_timeout="3s")
        settings = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules.yml"],
            "scrape_configs": scrapes,
        }
        # JSON is YAML.
        (folder / "prometheus.yml").write_text(json.dumps(settings))
        subprocess.run(["promtool", "check", "config", folder / "prometheus.yml"], check=True, stdout=subprocess.DEVNULL)
        command = ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
        command += [f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"]
        with open(folder.parent / "prometheus.log", "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for(30, "Prometheus to answer", self.is_ready)

    def is_ready(self):
        assert self.process.poll() is None, "Prometheus has ended: see prometheus.log."
        try:
            return urllib.request.urlopen(f"{self.url}/-/ready", timeout=5).status == 200
        except OSError:
            return False

    def ask(self, path, **parameters):
        query = urllib.parse.urlencode(parameters, doseq=True)
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{query}", timeout=30) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"Prometheus refuses {parameters}: {json.load(error)['error']}") from None

    def now(self, query):
        return self.ask("query", query=query)["result"]

    def number(self, query):
        """The value of a query with one result; None without one."""
        results = self.now(query)
        return float(results[0]["value"][1]) if results else None

    def ever(self, query, begin, end):
        """Whether the query had a number at any second of the run."""
        results = self.ask("query_range", query=query, start=begin, end=end, step=1)["result"]
        return any(value != "NaN" for series in results for _, value in series["values"])

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
