"""Load tests of corporate-intel for Locust.

Where they go, how many users there are and what must hold stands in environments.json; README.md says how
to run them.
"""

import collections
import json
import logging
import os
import pathlib
import random
import sys
import time
from urllib.parse import quote, urlencode

import gevent.pool
import locust.exception
import locust.runners
from locust import between, events, tag

ALL_TARGETS = json.loads(pathlib.Path(__file__).with_name("environments.json").read_text("utf-8"))
SLOW_REQUESTS = collections.Counter()  # by method and name

# Who users are. Secrets come from environment variables.
ALL_LOGINS = {
    "analyst": {
        "header": "Authorization",
        "prefix": "Bearer ",
        "path": "/api/v1/auth/token",
        "fields": {"username": "LOAD_TEST_USERNAME", "password": "LOAD_TEST_PASSWORD"},
        "encoding": "form",
        "token": "access_token",
        "lifetime": 600,
    },
    "administrator": {
        "header": "Authorization",
        "prefix": "Bearer ",
        "variable": "LOAD_TEST_ADMIN_TOKEN",
    },
}


# --- What a user does -----------------------------------------------------------------------------


class _User(locust.FastHttpUser):
    """Sends requests, signed in where its class has a login."""

    abstract = True
    login = None
    insecure = False
    token = None
    valid_until = 0.0

    def send(self, group, method, path, *, parameters=None, query=None, headers=None, body=None, status=(200,)):
        """Send a request; any answer but one of `status` is a failure."""
        address = path
        for name, values in (parameters or {}).items():
            address = address.replace("{" + name + "}", quote(str(random.choice(values)), safe=""))
        if query:
            chosen = {name: random.choice(values) for name, values in query.items()}
            address += "?" + urlencode(chosen, quote_via=quote)
        sent = {**(headers or {}), **self.identity()}
        if body is not None:
            sent["Content-Type"] = "application/json"
            body = body.encode()
        with self.client.request(
            method,
            address,
            name=f"{group}: {path}",
            headers=sent,
            data=body,
            allow_redirects=False,
            catch_response=True,
        ) as response:
            if response.status_code in status:
                response.success()
            else:
                response.failure(f"status {response.status_code}")

    def send_together(self, group, *requests):
        """Send several requests at once, as a browser does, and wait for all of them."""
        self.identity()
        together = gevent.pool.Group()
        for request in requests:
            together.spawn(self.send, group, **request)
        together.join()

    def identity(self):
        """The header that says who the user is; signs in where there is no token yet, or an old one."""
        if self.login is None:
            return {}
        login = ALL_LOGINS[self.login]
        if "variable" in login:
            token = os.environ[login["variable"]]
        else:
            if time.monotonic() >= self.valid_until:
                self.token = self.sign_in(login)
                self.valid_until = time.monotonic() + login["lifetime"]
            token = self.token
        return {login["header"]: login["prefix"] + token}

    def sign_in(self, login):
        """A new token. Who gets none does nothing, and tries again with the next task."""
        fields = {name: os.environ[variable] for name, variable in login["fields"].items()}
        form = login["encoding"] == "form"
        sent = {"Content-Type": "application/x-www-form-urlencoded" if form else "application/json"}
        data = urlencode(fields) if form else json.dumps(fields)
        with self.client.request(
            "POST",
            login["path"],
            name=f"Sign in: {login['path']}",
            headers=sent,
            data=data.encode(),
            allow_redirects=False,
            catch_response=True,
        ) as response:
            try:
                token = response.json()
                for key in login["token"].split("."):
                    token = token[key]
            except (ValueError, KeyError, TypeError):
                token = None
            if response.status_code in (200, 201) and isinstance(token, str):
                response.success()
                return token
            response.failure(f"no token in the answer, status {response.status_code}")
        raise locust.exception.RescheduleTask


# --- Tasks ----------------------------------------------------------------------------------------
# `locust --tags` and `--exclude-tags` choose among their groups.


@tag("Dashboard")
def open_dashboard(user):
    # What the page asks for as it opens
    user.send_together(
        "Dashboard",
        {
            "method": "GET",
            "path": "/api/v1/dashboard/summary",
        },
        {
            "method": "GET",
            "path": "/api/v1/dashboard/watchlist",
            "query": {"limit": [20]},
        },
        {
            "method": "GET",
            "path": "/api/v1/filings",
            "query": {"sort": ["-filed_at"], "limit": [10]},
        },
    )


@tag("Dashboard")
def dashboard_alerts(user):
    user.send(
        "Dashboard",
        "GET",
        "/api/v1/alerts",
        query={"state": ["open"], "limit": [20]},
    )


@tag("Organizations")
def list_companies(user):
    user.send(
        "Organizations",
        "GET",
        "/api/v1/companies",
        query={"page": [1, 2, 3, 4, 5], "page_size": [50], "sector": ["technology", "health", "energy", "finance"]},
    )


@tag("Organizations")
def read_company(user):
    user.send(
        "Organizations",
        "GET",
        "/api/v1/companies/{ticker}",
        parameters={"ticker": ["AAPL", "AMZN", "GOOGL", "JPM", "MSFT", "NVDA", "XOM"]},
    )


@tag("Organizations")
def read_filings(user):
    user.send(
        "Organizations",
        "GET",
        "/api/v1/companies/{ticker}/filings",
        parameters={"ticker": ["AAPL", "AMZN", "GOOGL", "JPM", "MSFT", "NVDA", "XOM"]},
        query={"type": ["10-K", "10-Q", "8-K"]},
    )


@tag("Analytics")
def read_metrics(user):
    user.send(
        "Analytics",
        "GET",
        "/api/v1/companies/{ticker}/metrics",
        parameters={"ticker": ["AAPL", "AMZN", "GOOGL", "JPM", "MSFT", "NVDA", "XOM"]},
        query={"metric": ["revenue", "net_income", "free_cash_flow"], "period": ["quarter", "year"]},
    )


@tag("Analytics")
def compare_companies(user):
    user.send(
        "Analytics",
        "POST",
        "/api/v1/analytics/compare",
        body="{\"tickers\": [\"AAPL\", \"MSFT\", \"NVDA\"], \"metrics\": [\"revenue\", \"gross_margin\"], \"years\": 5}",
    )


@tag("Analytics")
def market_trends(user):
    user.send(
        "Analytics",
        "GET",
        "/api/v1/analytics/trends",
        query={"window": ["30d", "90d", "365d"]},
    )


@tag("Search")
def search_companies(user):
    user.send(
        "Search",
        "GET",
        "/api/v1/search/companies",
        query={"q": ["bank", "chips", "renewable energy", "R&D"]},
    )


@tag("Search")
def search_filings(user):
    user.send(
        "Search",
        "GET",
        "/api/v1/search/filings",
        query={"q": ["risk factors", "going concern", "guidance"]},
    )


@tag("Search")
def suggest_names(user):
    user.send(
        "Search",
        "GET",
        "/api/v1/search/suggest",
        query={"prefix": ["app", "ama", "mic", "nvi"]},
    )


@tag("Reports")
def list_reports(user):
    user.send(
        "Reports",
        "GET",
        "/api/v1/reports",
        query={"limit": [20]},
    )


@tag("Reports")
def request_report(user):
    # Asks for a report; a worker writes it
    user.send(
        "Reports",
        "POST",
        "/api/v1/reports",
        body="{\"template\": \"company-profile\", \"ticker\": \"MSFT\", \"format\": \"pdf\"}",
        status=[202],
    )


@tag("Reports")
def request_export(user):
    # Asks for an export; who asks too often is told so (RATE_LIMIT_EXPORT)
    user.send(
        "Reports",
        "POST",
        "/api/v1/exports",
        body="{\"dataset\": \"metrics\", \"ticker\": \"AAPL\", \"format\": \"csv\"}",
        status=[202, 429],
    )


@tag("Administration")
def check_health(user):
    user.send(
        "Administration",
        "GET",
        "/health/ready",
    )


@tag("Administration")
def list_users(user):
    user.send(
        "Administration",
        "GET",
        "/api/v1/admin/users",
        query={"page": [1, 2, 3]},
    )


@tag("Administration")
def audit_log(user):
    user.send(
        "Administration",
        "GET",
        "/api/v1/admin/audit-log",
        query={"limit": [100]},
    )


@tag("Administration")
def ingestion_status(user):
    user.send(
        "Administration",
        "GET",
        "/api/v1/admin/ingestion/status",
    )


# --- Users ----------------------------------------------------------------------------------------


class CorporateIntelUser(_User):
    # Analysts - they look at dashboards and companies, search, and now and then ask for a report
    weight = 9
    wait_time = between(1, 5)
    login = "analyst"
    tasks = {
        open_dashboard: 10,
        dashboard_alerts: 4,
        list_companies: 8,
        read_company: 8,
        read_filings: 6,
        read_metrics: 6,
        compare_companies: 3,
        market_trends: 3,
        search_companies: 8,
        search_filings: 5,
        suggest_names: 4,
        list_reports: 3,
        request_report: 1,
        request_export: 1,
    }


class AdminUser(_User):
    # Administrators - they watch the platform and its users
    weight = 1
    wait_time = between(3, 10)
    login = "administrator"
    tasks = {
        check_health: 2,
        list_users: 3,
        audit_log: 3,
        ingestion_status: 5,
        list_reports: 1,
    }


class APIStressTest(_User):
    # Programs of partners - they read through the API without a pause for thought
    weight = 1
    wait_time = between(0, 0.5)
    login = "analyst"
    tasks = {
        list_companies: 3,
        read_company: 5,
        read_metrics: 5,
        search_companies: 3,
        check_health: 1,
    }


class SpikeTest(_User):
    # The crowd when results are published - all of them at the same few pages
    weight = 1
    wait_time = between(0, 1)
    login = "analyst"
    tasks = {
        open_dashboard: 5,
        read_company: 5,
        read_filings: 3,
        search_companies: 2,
    }


class SoakTest(_User):
    # An ordinary day for hours - what leaks shows by its end
    weight = 1
    wait_time = between(2, 8)
    login = "analyst"
    tasks = {
        open_dashboard: 5,
        list_companies: 4,
        read_metrics: 4,
        market_trends: 2,
        search_filings: 3,
        list_reports: 2,
        request_export: 1,
    }


# --- Profiles -------------------------------------------------------------------------------------


class _Profile(locust.LoadTestShape):
    """The stages of the profile that was chosen, and the classes of users that take part in it."""

    def tick(self):
        """How many users there are to be now; None at the end."""
        environment = self.runner.environment
        _, profile = chosen(environment)
        names = profile["stages"][0]["users"]
        classes = [one for one in environment.user_classes if one.__name__ in names]
        elapsed, before = self.get_run_time(), 0
        for stage in profile["stages"]:
            users = sum(stage["users"].values())
            ramp, hold = stage["ramp_seconds"], stage["hold_seconds"]
            if elapsed < ramp + hold:
                change = max(abs(users - before), 1)
                return users, change / ramp if ramp else change, classes
            elapsed, before = elapsed - ramp - hold, users
        return None


def chosen(environment):
    """The environment that is tested, and the profile."""
    target = ALL_TARGETS[environment.parsed_options.target]
    name = environment.parsed_options.profile or next(iter(target["profiles"]))
    return target, target["profiles"][name]


@events.init_command_line_parser.add_listener
def add_options(parser):
    parser.add_argument(
        "--target",
        env_var="TARGET",
        choices=list(ALL_TARGETS),
        default=next(iter(ALL_TARGETS)) if len(ALL_TARGETS) == 1 else None,
        help="environment to test",
        include_in_web_ui=False,
    )
    parser.add_argument(
        "--insecure",
        env_var="INSECURE",
        action="store_true",
        help="accept certificates that nobody trusts",
        include_in_web_ui=False,
    )


@events.init.add_listener
def prepare(environment, **_):
    """Refuse what cannot be run before anything is sent."""
    options = environment.parsed_options
    if options.target is None:
        sys.exit(f"--target is missing: one of {', '.join(ALL_TARGETS)}")
    profiles = ALL_TARGETS[options.target]["profiles"]
    if options.profile and options.profile not in profiles:
        sys.exit(f"{options.target} has no profile {options.profile}: one of {', '.join(profiles)}")
    target, profile = chosen(environment)
    classes = [one for one in environment.user_classes if one.__name__ in profile["stages"][0]["users"]]
    if not classes:
        sys.exit(f"the profile has users of other classes: {', '.join(profile['stages'][0]['users'])}")
    for name in dict.fromkeys(one.login for one in classes if one.login):
        login = ALL_LOGINS[name]
        variables = [login["variable"]] if "variable" in login else login["fields"].values()
        for variable in variables:
            if not os.environ.get(variable):
                sys.exit(f"{variable} is not set, and users sign in with it")
    environment.host = environment.host or target["url"]
    for one in classes:
        one.insecure = options.insecure


# --- Figures and thresholds -----------------------------------------------------------------------


@events.init.add_listener
def count_slow_requests(environment, **_):
    slow = chosen(environment)[0]["slow_seconds"] * 1000

    def count(request_type, name, response_time, **_):
        if response_time and response_time > slow:
            SLOW_REQUESTS[f"{request_type} {name}"] += 1

    environment.events.request.add_listener(count)
    environment.events.test_start.add_listener(lambda **_: SLOW_REQUESTS.clear())


@events.report_to_master.add_listener
def tell_slow_requests(data, **_):
    data["slow"] = dict(SLOW_REQUESTS)
    SLOW_REQUESTS.clear()


@events.worker_report.add_listener
def take_slow_requests(data, **_):
    SLOW_REQUESTS.update(data.get("slow", {}))


@events.test_start.add_listener
def watch_failures(environment, **_):
    """End a run that fails too often: nothing more is learnt from it."""
    abort = chosen(environment)[0]["abort"]
    if abort is None or isinstance(environment.runner, locust.runners.WorkerRunner):
        return

    def watch():
        gevent.sleep(abort["after_seconds"])
        while environment.stats.total.fail_ratio <= abort["failures"]:
            gevent.sleep(1)
        logging.error("ended: more than %g %% of the requests failed", abort["failures"] * 100)
        environment.runner.quit()

    gevent.spawn(watch)


def measured(environment):
    """Each threshold with what was measured, and whether that is within it."""
    total = environment.stats.total
    for threshold in chosen(environment)[0]["thresholds"]:
        if "percentile" in threshold:
            value = total.get_response_time_percentile(threshold["percentile"] / 100)
            name, limit = f"p{threshold['percentile']:g} of the durations", f"{threshold['most_ms']:g} ms"
            yield name, limit, f"{value:g} ms", value <= threshold["most_ms"]
        else:
            limit, value = f"{threshold['most'] * 100:g} %", total.fail_ratio
            yield "failed requests", limit, f"{value * 100:.3g} %", value <= threshold["most"]


@events.quitting.add_listener
def judge(environment, **_):
    """Say what was slow, what failed and which thresholds held; exit with 1 when one did not."""
    if isinstance(environment.runner, locust.runners.WorkerRunner):
        return
    total = environment.stats.total
    lines = ["", f"{'requests':>9} {'failed':>8} {'slow':>8}  request"]
    for entry in [*sorted(environment.stats.entries.values(), key=lambda one: one.name), total]:
        name = "All requests" if entry is total else f"{entry.method} {entry.name}"
        slow = sum(SLOW_REQUESTS.values()) if entry is total else SLOW_REQUESTS[name]
        share = slow / entry.num_requests if entry.num_requests else 0
        lines.append(f"{entry.num_requests:9} {entry.fail_ratio:8.2%} {share:8.2%}  {name}")
    lines.append("")
    held = total.num_requests > 0 and not environment.runner.exceptions
    for name, limit, value, is_held in measured(environment):
        lines.append(f"{'ok    ' if is_held else 'BROKEN'} {name}: {value}, at most {limit}")
        held = held and is_held
    if not total.num_requests:
        lines.append("BROKEN no request was sent")
    if environment.runner.exceptions:
        lines.append("BROKEN tasks ended in exceptions")
    print("\n".join(lines), flush=True)
    environment.process_exit_code = 0 if held else 1
