// Load tests of corporate-intel for k6.
//
// Where they go, how many users there are and what must hold stands in environments.json; README.md says
// how to run them.

import http from 'k6/http';
import { check, fail, group, sleep } from 'k6';
import { Rate } from 'k6/metrics';

// Who users are. Secrets come from environment variables.
const LOGINS = {
  analyst: {
    header: 'Authorization',
    prefix: 'Bearer ',
    path: '/api/v1/auth/token',
    fields: { username: 'LOAD_TEST_USERNAME', password: 'LOAD_TEST_PASSWORD' },
    encoding: 'form',
    token: 'access_token',
    lifetime: 600,
  },
  administrator: {
    header: 'Authorization',
    prefix: 'Bearer ',
    variable: 'LOAD_TEST_ADMIN_TOKEN',
  },
};

// --- Tasks -------------------------------------------------------------------------------------------

const TASKS = {
  // What the page asks for as it opens
  'open-dashboard': {
    group: 'Dashboard',
    requests: [
      {
        method: 'GET',
        path: '/api/v1/dashboard/summary',
      },
      {
        method: 'GET',
        path: '/api/v1/dashboard/watchlist',
        query: { limit: [20] },
      },
      {
        method: 'GET',
        path: '/api/v1/filings',
        query: { sort: ['-filed_at'], limit: [10] },
      },
    ],
  },
  'dashboard-alerts': {
    group: 'Dashboard',
    requests: [
      {
        method: 'GET',
        path: '/api/v1/alerts',
        query: { state: ['open'], limit: [20] },
      },
    ],
  },
  'list-companies': {
    group: 'Organizations',
    requests: [
      {
        method: 'GET',
        path: '/api/v1/companies',
        query: { page: [1, 2, 3, 4, 5], page_size: [50], sector: ['technology', 'health', 'energy', 'finance'] },
      },
    ],
  },
  'read-company': {
    group: 'Organizations',
    requests: [
      {
        method: 'GET',
        path: '/api/v1/companies/{ticker}',
        parameters: { ticker: ['AAPL', 'AMZN', 'GOOGL', 'JPM', 'MSFT', 'NVDA', 'XOM'] },
      },
    ],
  },
  'read-filings': {
    group: 'Organizations',
    requests: [
      {
        method: 'GET',
        path: '/api/v1/companies/{ticker}/filings',
        parameters: { ticker: ['AAPL', 'AMZN', 'GOOGL', 'JPM', 'MSFT', 'NVDA', 'XOM'] },
        query: { type: ['10-K', '10-Q', '8-K'] },
      },
    ],
  },
  'read-metrics': {
    group: 'Analytics',
    requests: [
      {
        method: 'GET',
        path: '/api/v1/companies/{ticker}/metrics',
        parameters: { ticker: ['AAPL', 'AMZN', 'GOOGL', 'JPM', 'MSFT', 'NVDA', 'XOM'] },
        query: { metric: ['revenue', 'net_income', 'free_cash_flow'], period: ['quarter', 'year'] },
      },
    ],
  },
  'compare-companies': {
    group: 'Analytics',
    requests: [
      {
        method: 'POST',
        path: '/api/v1/analytics/compare',
        body: '{"tickers": ["AAPL", "MSFT", "NVDA"], "metrics": ["revenue", "gross_margin"], "years": 5}',
      },
    ],
  },
  'market-trends': {
    group: 'Analytics',
    requests: [
      {
        method: 'GET',
        path: '/api/v1/analytics/trends',
        query: { window: ['30d', '90d', '365d'] },
      },
    ],
  },
  'search-companies': {
    group: 'Search',
    requests: [
      {
        method: 'GET',
        path: '/api/v1/search/companies',
        query: { q: ['bank', 'chips', 'renewable energy', 'R&D'] },
      },
    ],
  },
  'search-filings': {
    group: 'Search',
    requests: [
      {
        method: 'GET',
        path: '/api/v1/search/filings',
        query: { q: ['risk factors', 'going concern', 'guidance'] },
      },
    ],
  },
  'suggest-names': {
    group: 'Search',
    requests: [
      {
        method: 'GET',
        path: '/api/v1/search/suggest',
        query: { prefix: ['app', 'ama', 'mic', 'nvi'] },
      },
    ],
  },
  'list-reports': {
    group: 'Reports',
    requests: [
      {
        method: 'GET',
        path: '/api/v1/reports',
        query: { limit: [20] },
      },
    ],
  },
  // Asks for a report; a worker writes it
  'request-report': {
    group: 'Reports',
    requests: [
      {
        method: 'POST',
        path: '/api/v1/reports',
        body: '{"template": "company-profile", "ticker": "MSFT", "format": "pdf"}',
        status: [202],
      },
    ],
  },
  // Asks for an export; who asks too often is told so (RATE_LIMIT_EXPORT)
  'request-export': {
    group: 'Reports',
    requests: [
      {
        method: 'POST',
        path: '/api/v1/exports',
        body: '{"dataset": "metrics", "ticker": "AAPL", "format": "csv"}',
        status: [202, 429],
      },
    ],
  },
  'check-health': {
    group: 'Administration',
    requests: [
      {
        method: 'GET',
        path: '/health/ready',
      },
    ],
  },
  'list-users': {
    group: 'Administration',
    requests: [
      {
        method: 'GET',
        path: '/api/v1/admin/users',
        query: { page: [1, 2, 3] },
      },
    ],
  },
  'audit-log': {
    group: 'Administration',
    requests: [
      {
        method: 'GET',
        path: '/api/v1/admin/audit-log',
        query: { limit: [100] },
      },
    ],
  },
  'ingestion-status': {
    group: 'Administration',
    requests: [
      {
        method: 'GET',
        path: '/api/v1/admin/ingestion/status',
      },
    ],
  },
};

// --- Users -------------------------------------------------------------------------------------------

const USERS = {
  // Analysts - they look at dashboards and companies, search, and now and then ask for a report
  CorporateIntelUser: {
    wait: [1, 5],
    login: 'analyst',
    tasks: {
      'open-dashboard': 10,
      'dashboard-alerts': 4,
      'list-companies': 8,
      'read-company': 8,
      'read-filings': 6,
      'read-metrics': 6,
      'compare-companies': 3,
      'market-trends': 3,
      'search-companies': 8,
      'search-filings': 5,
      'suggest-names': 4,
      'list-reports': 3,
      'request-report': 1,
      'request-export': 1,
    },
  },
  // Administrators - they watch the platform and its users
  AdminUser: {
    wait: [3, 10],
    login: 'administrator',
    tasks: {
      'check-health': 2,
      'list-users': 3,
      'audit-log': 3,
      'ingestion-status': 5,
      'list-reports': 1,
    },
  },
  // Programs of partners - they read through the API without a pause for thought
  APIStressTest: {
    wait: [0, 0.5],
    login: 'analyst',
    tasks: {
      'list-companies': 3,
      'read-company': 5,
      'read-metrics': 5,
      'search-companies': 3,
      'check-health': 1,
    },
  },
  // The crowd when results are published - all of them at the same few pages
  SpikeTest: {
    wait: [0, 1],
    login: 'analyst',
    tasks: {
      'open-dashboard': 5,
      'read-company': 5,
      'read-filings': 3,
      'search-companies': 2,
    },
  },
  // An ordinary day for hours - what leaks shows by its end
  SoakTest: {
    wait: [2, 8],
    login: 'analyst',
    tasks: {
      'open-dashboard': 5,
      'list-companies': 4,
      'read-metrics': 4,
      'market-trends': 2,
      'search-filings': 3,
      'list-reports': 2,
      'request-export': 1,
    },
  },
};

export function asCorporateIntelUser() {
  act(USERS.CorporateIntelUser);
}

export function asAdminUser() {
  act(USERS.AdminUser);
}

export function asAPIStressTest() {
  act(USERS.APIStressTest);
}

export function asSpikeTest() {
  act(USERS.SpikeTest);
}

export function asSoakTest() {
  act(USERS.SoakTest);
}

// --- Profiles and thresholds -------------------------------------------------------------------------

const TARGETS = JSON.parse(open('./environments.json'));
const TARGET = chosen('TARGET', TARGETS, Object.keys(TARGETS).length === 1);
const PROFILE = chosen('PROFILE', TARGETS[TARGET].profiles, true);
const target = TARGETS[TARGET];
const profile = target.profiles[PROFILE];
const URL = (__ENV.BASE_URL || target.url).replace(/\/$/, '');
const SIGN_IN = 'Sign in';
const GROUPS = [
  ...new Set([
    ...Object.values(TASKS).map((task) => task.group),
    ...Object.values(LOGINS).flatMap((login) => (login.path ? [SIGN_IN] : [])),
  ]),
];

/** The value of a variable, one of the keys of `among`; the first of them where that may be left out. */
function chosen(variable, among, mayBeLeftOut) {
  const known = Object.keys(among);
  const value = __ENV[variable] || (mayBeLeftOut ? known[0] : '');
  if (!known.includes(value)) {
    throw new Error(`-e ${variable}=… is ${value ? `'${value}'` : 'missing'}: one of ${known.join(', ')}`);
  }
  return value;
}

/** Before anything is sent: refuse to run without the secrets of the users that take part. */
export function setup() {
  for (const name of Object.keys(profile.stages[0].users)) {
    const login = LOGINS[USERS[name].login];
    for (const variable of login ? (login.variable ? [login.variable] : Object.values(login.fields)) : []) {
      if (!__ENV[variable]) throw new Error(`${variable} is not set, and users sign in with it`);
    }
  }
}

/** A number as thresholds are written: without an exponent. */
function plain(number) {
  return number.toFixed(9).replace(/\.?0+$/, '');
}

/** What k6 is to judge: the limits of the environment, and figures of each group for the report. */
function thresholds() {
  const found = { http_req_duration: [], http_req_failed: [] };
  for (const one of target.thresholds) {
    if (one.percentile) found.http_req_duration.push(`p(${one.percentile})<=${plain(one.most_ms)}`);
    else found.http_req_failed.push(`rate<=${plain(one.most)}`);
  }
  if (target.abort) {
    found.http_req_failed.push({
      threshold: `rate<=${plain(target.abort.failures)}`,
      abortOnFail: true,
      delayAbortEval: `${target.abort.after_seconds}s`,
    });
  }
  GROUPS.forEach((_, index) => {
    for (const metric of ['http_reqs', 'http_req_duration', 'http_req_failed', 'slow_requests']) {
      found[`${metric}{part:${index}}`] = [];
    }
  });
  return found;
}

/** One scenario for each class of users, with its share of them. */
function scenarios() {
  const found = {};
  for (const name of Object.keys(profile.stages[0].users)) {
    const stages = [];
    for (const stage of profile.stages) {
      const share = stage.users[name];
      stages.push({ duration: `${Math.round(stage.ramp_seconds * 1000)}ms`, target: share });
      if (stage.hold_seconds) {
        stages.push({ duration: `${Math.round(stage.hold_seconds * 1000)}ms`, target: share });
      }
    }
    found[name] = { executor: 'ramping-vus', exec: `as${name}`, startVUs: 0, stages, gracefulStop: '30s' };
  }
  return found;
}

export const options = {
  scenarios: scenarios(),
  thresholds: thresholds(),
  summaryTrendStats: [
    ...new Set([
      ...['avg', 'min', 'med', 'p(90)', 'p(95)', 'p(99)', 'max'],
      ...target.thresholds.filter((one) => one.percentile).map((one) => `p(${one.percentile})`),
    ]),
  ],
  userAgent: 'k6 of corporate-intel',
};

// --- What a user does --------------------------------------------------------------------------------

const slowRequests = new Rate('slow_requests');
const tokens = {}; // of this user, by login

/** Do one task, chosen by weight, and wait. */
function act(user) {
  const task = TASKS[byWeight(user.tasks)];
  const headers = identity(user.login);
  group(task.group, () => {
    const requests = task.requests.map((request) => prepared(request, task.group, headers));
    const responses = requests.length > 1 ? http.batch(requests) : [http.request(...requests[0])];
    responses.forEach((response, index) => judge(response, task.requests[index], task.group));
  });
  sleep(user.wait[0] + Math.random() * (user.wait[1] - user.wait[0]));
}

function byWeight(weights) {
  let left = Math.random() * Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  for (const [name, weight] of Object.entries(weights)) {
    left -= weight;
    if (left < 0) return name;
  }
  return Object.keys(weights)[0];
}

function oneOf(values) {
  return values[Math.floor(Math.random() * values.length)];
}

/** A request as k6 takes it, with values for its parameters. */
function prepared(request, groupName, headers) {
  const path = request.path.replace(/\{([a-z0-9-]+)\}/g, (_, name) =>
    encodeURIComponent(oneOf(request.parameters[name])),
  );
  const query = Object.entries(request.query || {})
    .map(([name, values]) => `${encodeURIComponent(name)}=${encodeURIComponent(oneOf(values))}`)
    .join('&');
  const json = request.body === undefined ? {} : { 'Content-Type': 'application/json' };
  const params = {
    headers: { ...(request.headers || {}), ...headers, ...json },
    redirects: 0,
    responseCallback: http.expectedStatuses(...statusesOf(request)),
    responseType: 'none',
    tags: tagsOf(request.path, groupName),
  };
  return [request.method, URL + path + (query && `?${query}`), request.body || null, params];
}

function statusesOf(request) {
  return request.status || [200];
}

function judge(response, request, groupName) {
  const statuses = statusesOf(request);
  const tags = tagsOf(request.path, groupName);
  check(response, { 'status as expected': (answer) => statuses.includes(answer.status) }, tags);
  slowRequests.add(isSlow(response), tags);
}

function isSlow(response) {
  return response.timings.duration > target.slow_seconds * 1000;
}

/** How requests are told apart in figures: by path as it is written above, and by group. */
function tagsOf(path, groupName) {
  return { name: path, part: String(GROUPS.indexOf(groupName)) };
}

/** The header that says who the user is; signs in where there is no token yet, or an old one. */
function identity(name) {
  if (!name) return {};
  const login = LOGINS[name];
  if (login.variable) return { [login.header]: login.prefix + __ENV[login.variable] };
  if (!tokens[name] || Date.now() >= tokens[name].until) {
    tokens[name] = { text: signedIn(login), until: Date.now() + login.lifetime * 1000 };
  }
  return { [login.header]: login.prefix + tokens[name].text };
}

/** A new token. Who gets none does nothing, and tries again with the next task. */
function signedIn(login) {
  const fields = Object.fromEntries(Object.entries(login.fields).map(([key, name]) => [key, __ENV[name]]));
  const isForm = login.encoding === 'form';
  const tags = tagsOf(login.path, SIGN_IN);
  const response = group(SIGN_IN, () =>
    http.post(URL + login.path, isForm ? fields : JSON.stringify(fields), {
      headers: { 'Content-Type': isForm ? 'application/x-www-form-urlencoded' : 'application/json' },
      redirects: 0,
      responseCallback: http.expectedStatuses(200, 201),
      tags,
    }),
  );
  slowRequests.add(isSlow(response), tags);
  let token;
  try {
    token = login.token.split('.').reduce((value, key) => value[key], response.json());
  } catch (_) {
    token = undefined;
  }
  if (typeof token !== 'string') {
    sleep(1);
    fail(`no token in the answer of ${login.path}, status ${response.status}`);
  }
  return token;
}

// --- Report ------------------------------------------------------------------------------------------

export function handleSummary(data) {
  const folder = __ENV.RESULTS || '.';
  const report = {
    title: 'Load test of corporate-intel',
    about: `${TARGET} at ${URL}, profile ${PROFILE}, ${(data.state.testRunDurationMs / 1000).toFixed(0)} s`,
    limits: limits(data.metrics),
    groups: GROUPS.map((name, index) => figures(data.metrics, name, `{part:${index}}`)),
    total: figures(data.metrics, 'All requests', ''),
  };
  report.held = report.limits.every((one) => one.held);
  return {
    [`${folder}/k6-summary.html`]: html(report),
    [`${folder}/k6-summary.json`]: JSON.stringify(data, null, 2),
    stdout: text(report),
  };
}

/** Each threshold with what was measured. */
function limits(metrics) {
  const found = [];
  for (const [name, metric] of Object.entries(metrics)) {
    for (const [limit, { ok }] of Object.entries(metric.thresholds || {})) {
      const key = limit.split(/[<>=]/)[0].trim();
      const value = metric.values[key];
      found.push({ name, limit, measured: metric.contains === 'time' ? ms(value) : percent(value), held: ok });
    }
  }
  return found;
}

function figures(metrics, name, part) {
  const values = (metric) => (metrics[metric + part] || { values: {} }).values;
  const duration = values('http_req_duration');
  return {
    name,
    requests: values('http_reqs').count || 0,
    rate: `${(values('http_reqs').rate || 0).toFixed(1)}/s`,
    median: ms(duration.med),
    p95: ms(duration['p(95)']),
    p99: ms(duration['p(99)']),
    failed: percent(values('http_req_failed').rate),
    slow: percent(values('slow_requests').rate),
  };
}

function ms(value) {
  return value === undefined ? '–' : `${value.toFixed(1)} ms`;
}

function percent(value) {
  return value === undefined ? '–' : `${(value * 100).toFixed(2)} %`;
}

const COLUMNS = ['requests', 'rate', 'median', 'p95', 'p99', 'failed', 'slow'];

function text(report) {
  const rows = [...report.groups, report.total].map((one) => [...COLUMNS.map((key) => String(one[key])), one.name]);
  const lines = [[...COLUMNS, ''], ...rows].map(
    (row) => row.slice(0, -1).map((cell) => cell.padStart(11)).join('') + `  ${row[row.length - 1]}`,
  );
  const judged = report.limits.map(
    (one) => `${one.held ? 'ok    ' : 'BROKEN'} ${one.name} ${one.limit}: ${one.measured}`,
  );
  return ['', `${report.title}: ${report.about}`, '', ...lines, '', ...judged, ''].join('\n') + '\n';
}

/** A page that needs nothing from elsewhere. */
function html(report) {
  const row = (cells, tag = 'td') => `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  const verdict = (held) => `<td class="${held ? 'held' : 'broken'}">${held ? 'held' : 'broken'}</td>`;
  const limitRows = report.limits.map((one) =>
    row([one.name, one.limit, one.measured]).replace('</tr>', `${verdict(one.held)}</tr>`),
  );
  const groupRows = [...report.groups, report.total].map((one) => row([one.name, ...COLUMNS.map((key) => one[key])]));
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(report.title)}</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1d2433; }
  h1 { font-size: 1.5rem; margin-bottom: 0; }
  table { border-collapse: collapse; width: 100%; margin: 1rem 0 2rem; font-variant-numeric: tabular-nums; }
  th, td { border-bottom: 1px solid #d5d9e2; padding: 0.35rem 0.6rem; text-align: right; }
  th:first-child, td:first-child { text-align: left; }
  .held { color: #10652f; }
  .broken { color: #a61b1b; font-weight: 600; }
</style>
</head>
<body>
<h1>${escaped(report.title)}</h1>
<p>${escaped(report.about)}</p>
<p class="${report.held ? 'held' : 'broken'}">${report.held ? 'All thresholds held.' : 'Thresholds were broken.'}</p>
<h2>Thresholds</h2>
<table>
${row(['metric', 'limit', 'measured', 'verdict'], 'th')}
${limitRows.join('\n')}
</table>
<h2>Groups</h2>
<table>
${row(['group', ...COLUMNS], 'th')}
${groupRows.join('\n')}
</table>
</body>
</html>
`;
}

function escaped(value) {
  const names = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return String(value).replace(/[&<>"']/g, (sign) => names[sign]);
}
