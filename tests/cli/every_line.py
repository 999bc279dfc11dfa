"""One line of the command line for each thing that the API can be asked for, and what is left out.

FOLDER is a folder with the files that lines name; a list of options belongs to the line before it.
"""

WISH = (
    " --env prod --hosts web-1 --instances web-1:8090 --batches 1 --max-unavailable 1"
    " --failure-budget 1"
    " --left-out-budget 1 --bake-time 5m --no-rollback --skip-unreachable --without web-2"
)
START = " --plan-hash abc --reason why --confirm billing"
POLICY = (
    " --order 1 --approvals 0 --batches 1 --max-unavailable 1 --failure-budget 1"
    " --left-out-budget 1 --canary-budget 1 --bake-time 1m --progress-deadline 5m --watch-time 1m"
    " --patience 5m --promotion --no-rollback --named-user"
)
HOST = (
    " --address 10.0.0.1 --port 22 --user deploy --root /srv --sudo --env prod --key k --label a=b"
)
SERVICE = (
    " --language go --build-origin upload --build-url http://x --description d --label a=b"
    " --spec FOLDER/spec.yaml --default-ref main --build-server ci --build-project p"
    " --build FOLDER/spec.yaml --keep-versions 3 --hook-secret-file FOLDER/secret"
)
SERVER = (
    " --url http://x --username u --credential-file FOLDER/secret --ca FOLDER/secret"
    " --proxy http://y --package-base http://z --hook-secret-file FOLDER/secret"
)
BACK = " --to 1.0 --settings --even-if-never-well"

LINES: tuple[str, ...] = (
    "-o json",
    "login SERVER --username alice --password-stdin --name here",
    "user list",
    "user create bob --admin --password-stdin",
    "user password bob --password-stdin",
    "user disable bob --yes",
    "user enable bob",
    "token list --user bob",
    "grant who deploy --service billing --env prod",
    "grant list",
    "grant add bob --role viewer --service billing --env prod",
    "grant remove bob --role viewer --service billing --env prod",
    "token list",
    "token create ci --role viewer --service billing --env prod --expires 1h",
    "token revoke abc --yes",
    "env list",
    "env create prod" + POLICY,
    "env change prod" + POLICY,
    "env show prod",
    "window add prod --from 1h --until 2h --reason freeze",
    "key grant default --env prod",
    "key revoke default --env prod",
    "window list prod",
    "window remove prod a --yes",
    "key list",
    "key remove k --yes",
    "key add k --file FOLDER/secret",
    "key show k",
    "plan restart billing --env prod --hosts label:rack=a",
    "restart billing --env prod --hosts label:rack=a",
    "host list --env prod --label a=b --search w --where rack:a",
    "host add web-1" + HOST,
    "host change web-1" + HOST,
    "host import FOLDER/hosts.csv --env prod",
    "host import FOLDER/hosts.csv --env prod --key k --user deploy --root /srv --sudo --label a=b"
    " --update --dry-run --format csv --encoding gbk",
    "host show web-1",
    "host remove web-1 --yes",
    "host maintenance web-1 on --reason disk",
    "host forget-key web-1 --reason replaced --yes",
    "host restore web-1 --dry-run --reason replaced --confirm web-1",
    "host restore web-1",
    "host check web-1 --accept-key",
    "host check --env prod",
    "service list --search b --where team:data",
    "service create billing" + SERVICE,
    "service change billing" + SERVICE,
    "service show billing",
    "service running billing",
    "service star billing",
    "service unstar billing",
    "service deliveries billing",
    "service delete billing --yes",
    "version list billing",
    "version list billing --search 1.0 --where state:ready",
    "version upload billing FOLDER/hosts.csv --version 1 --ref main --commit abc --description d",
    "version show billing 1.0",
    "version download billing 1.0 FOLDER/new",
    "version compare billing 1.0 1.1",
    "version withdrawn billing",
    "version withdraw billing 1.0 --env prod --reason ill",
    "version clear billing 1.0 --env prod --reason well",
    "build start billing --ref main --commit abc --var A=b --description d --force",
    "build list",
    "build list --service billing",
    "build show 1",
    "build log 1",
    "build cancel 1",
    "build take 1",
    "build-server list",
    "build-server add ci --kind command" + SERVER,
    "build-server change ci" + SERVER,
    "build-server show ci",
    "build-server test ci --project p",
    "build-server remove ci --yes",
    "instance list --service billing --env prod --host web-1",
    "instance show 1",
    "instance set 1 --weight 1 --tag t --description d --maintain",
    "instance lock 1 --reason mine",
    "instance unlock 1 --reason over",
    "plan deploy billing 1.0 --port 80" + WISH,
    "plan rollback billing" + BACK + WISH,
    "deploy billing 1.0 --port 80" + WISH + START,
    "rollback billing" + BACK + WISH + START,
    "promote billing --from test --to prod",
    "rollout list --service billing --env prod --state running --where 2h..",
    "rollout show 1",
    "rollout log 1",
    "rollout timeline 7",
    "rollout plan 7",
    "rollout changes 7",
    "rollout output 1 a switch --attempt 1",
    "rollout watch 1",
    "rollout pause 1 --reason r",
    "rollout resume 1 --reason r --confirm billing",
    "rollout promote 1 --reason r --confirm billing",
    "rollout cancel 1 --reason r",
    "rollout answer 1 go-on --reason r --confirm billing",
    "rollout gone 1 web-1 --reason r --confirm billing",
    "rollout retry 1 --reason r --confirm billing",
    "rollout rollback 1 --reason r --confirm billing",
    "release-rule list --service billing --env prod",
    "release-rule add billing --env prod --ref main --off",
    "release-rule show billing --env prod",
    "release-rule remove billing --env prod --yes",
    "retention show --service billing --kept",
    "retention run --service billing --wait",
    "retention runs",
    "lock list",
    "lock billing --env prod --reason freeze --for 2h",
    "unlock billing --env prod --reason over",
    "audit list --verb host. --service b --env prod --by bob --host web-1 --since 2h --until 1h",
    "audit list --thing web-1",
    "audit export FOLDER/audit.csv --by bob --thing web-1 --since 2026-11-23 --until 2026-11-24",
    "audit export FOLDER/audit.json --verb host. --service b --env prod --host web-1",
    "doctor",
    "doctor --workers",
    "claim raise --reason restored --yes",
)

# What only the API has, and why that is right.
APART = {
    "DELETE /grants/{id}": "`grant remove` names a grant by what it says, not by a number",
    "POST /environments freeze_windows": "`window add` gives them to an environment that is there",
    "PATCH /environments/{name} freeze_windows": "`window add` and `remove` undo nobody else's",
    "POST /users/{name}/password current_password": "a browser's session alone needs it",
    "GET /rollouts/{id}/log target": "`rollout log --host` chooses among the lines",
}
