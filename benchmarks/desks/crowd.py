"""Cases and tasks by the hundred thousand, made inside PostgreSQL by the triggers of the product, their indexes last.

What a row holds is reckoned from its number, so that the same crowd comes each time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import psycopg

from benchmarks.desks.nation import BIG, BUSINESSES, CLERK, HEADQUARTERS, MANAGER, colleagues, queues

CLOSED = 300_000
CASES_PER_TASK = 0.8
TASKS_PER_CLOSED_CASE = 3
ON_A_DESK, GIVEN_AWAY, DONE = 60, 15, 3000
"""Tasks that each of the people whose lists are read has in hand, has delegated and has completed, whatever the size."""

FINISHED = "bench_crowd"
"""A table that says by being there that nothing is missing."""

_AT_ONCE = 2
_STEP = 20_000

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
)
_GIVEN = (
    "伟芳娜敏静强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉萍红梅鑫波斌莉辉宁建国文志海燕晓东雪云峰琳晨阳宇浩凯丽"
)
_PLACES = (
    "花园路",
    "人民南路",
    "解放大道",
    "高新区",
    "老城区",
    "开发区",
    "大学城",
    "火车站",
    "新华街",
    "滨河小区",
    "工业园",
    "东风镇",
)
_TROUBLES = (
    "宽带频繁掉线，晚上八点以后完全无法使用", "账单多扣流量费用三十八元，客服答复前后不一", "手机信号弱，室内接不到电话",
    "未经同意开通增值业务，要求退费", "装机预约三次无人上门", "国际漫游费用争议，出境前已申请关闭", "营业厅人员态度恶劣，推诿不办",
    "携号转网被拒绝，说合约未到期", "光猫故障报修一周没有处理", "套餐变更后资费与宣传不符", "垃圾短信投诉多次没有结果",
    "固定电话串线，多次维修仍未解决",
)  # fmt: skip
_DEMANDS = ("退费", "尽快修复", "书面答复", "赔礼道歉", "解除合约", "减免本月费用")

_PREPARED = """
CREATE UNLOGGED TABLE bench_queue (i int PRIMARY KEY, grp text, path text COLLATE "C", code text, province text, filed text);
CREATE UNLOGGED TABLE bench_member AS
    SELECT u.path, (row_number() OVER (PARTITION BY u.path ORDER BY p.login) - 1)::int AS k,
           count(*) OVER (PARTITION BY u.path)::int AS of, p.id, p.name
    FROM membership m JOIN person p ON p.id = m.person_id JOIN org_unit u ON u.id = m.unit_id
    WHERE m.position = 0 AND p.login <> ALL(%(apart)s);
CREATE UNIQUE INDEX ON bench_member (path, k);
CREATE FUNCTION dice(n bigint, what bigint, sides bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (hashint8extended(n, what) & 9007199254740991) %% sides;
CREATE FUNCTION one_of(list text[], n bigint, what bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN list[1 + dice(n, what, cardinality(list))];
"""
_CLEARED = "DROP TABLE bench_queue, bench_member; DROP FUNCTION one_of(text[], bigint, bigint), dice(bigint, bigint, bigint)"

_CASES = """
INSERT INTO case_file (id, number, regime, query_hash, org_code, org_path, province, facts, paths, filed_by, filed_by_name,
    filed_at, confidential, archived_at, outcome, level, mark)
SELECT md5('case' || n)::uuid, 'TS' || to_char(at, 'YYYYMMDD') || '-' || lpad(n::text, 8, '0'),
       (ARRAY['complaint', 'complaint', 'complaint', 'complaint', 'upgrade', 'appeal'])[1 + dice(n, 2, 6)],
       decode(md5('query' || n), 'hex'), q.code, q.filed, q.province,
       jsonb_build_object(
           'customer', jsonb_build_object(
               'name', one_of(%(surnames)s, n, 3) || one_of(%(given)s, n, 4) || one_of(%(given)s, n, 5),
               'phone', '13' || lpad(dice(n, 6, 1000000000)::text, 9, '0'),
               'level', (ARRAY['normal', 'normal', 'normal', 'normal', 'normal', 'normal', 'normal', 'important', 'important',
                               'vip'])[1 + dice(n, 7, 10)]),
           'business', one_of(%(businesses)s, n, 8),
           'demand', one_of(%(demands)s, n, 9),
           'description', one_of(%(places)s, n, 10) || dice(n, 11, 900) || '号用户反映：' || one_of(%(troubles)s, n, 12),
           'tags', CASE WHEN dice(n, 13, 50) = 0 THEN '["media"]'::jsonb ELSE '[]'::jsonb END),
       (SELECT array_agg(DISTINCT p) FROM unnest(ARRAY['/hq/', nullif('/hq/' || q.province || '/', '/hq//'), q.path, q.filed]) p
        WHERE p IS NOT NULL),
       m.id, m.name, at, dice(n, 14, 100) < 3, CASE WHEN n > %(open_cases)s THEN at + interval '5 days' END,
       CASE WHEN n > %(open_cases)s THEN 'resolved' END,
       CASE WHEN dice(n, 33, 100) < 1 THEN 'national' WHEN dice(n, 33, 100) < 16 THEN 'provincial' ELSE 'general' END,
       CASE WHEN dice(n, 34, 100) < 1 THEN 'difficult' WHEN dice(n, 34, 100) < 3 THEN 'key' END
FROM generate_series(%(from)s::bigint, %(to)s) n
CROSS JOIN LATERAL (SELECT CASE WHEN n > %(open_cases)s THEN %(now)s - interval '20 days' ELSE %(now)s - interval '3 days' END
                           - make_interval(mins => dice(n, 15, 20000)::int) AS at) filed
JOIN bench_queue q ON q.i = dice(n, 1, %(places_of_work)s)
JOIN bench_member m ON m.path = q.path AND m.k = dice(n, 16, m.of)
"""

_TASKS = """
INSERT INTO user_task (id, instance_id, case_id, business_key, process_key, deployment_id, activity_id, name, scope, lane,
    candidate_group, also_groups, state, assignee_id, assignee_name, owner_id, owner_name, note, priority, created_at, claimed_at,
    due_at, warn_at, paused_at, follow_up_at, sort_at, completed_at, completed_by, completed_by_name, properties, returned, level, mark,
    business, customer_level)
SELECT md5('task' || n)::uuid, md5('instance' || which)::uuid, c.id, c.number, c.regime, md5('deployment')::uuid,
       one_of('{handle,dispatch,audit,revisit,reply}', n, 20),
       one_of('{处理投诉,派单,审核反馈,回访客户,答复客户}', n, 20), '', '',
       q.grp, CASE WHEN dice(n, 21, 100) < 3 AND q.province <> '' AND q.path NOT LIKE '%%centre/' THEN
           ARRAY['revisit@/hq/' || q.province || '/' || q.province || '_centre/'] END,
       state, CASE WHEN held THEN m.id END, CASE WHEN held THEN m.name END,
       CASE WHEN state = 'delegated' THEN o.id END, CASE WHEN state = 'delegated' THEN o.name END,
       CASE WHEN state = 'delegated' THEN '请代查' END,
       (ARRAY[50, 50, 50, 50, 50, 50, 50, 60, 60, 80])[1 + dice(n, 22, 10)],
       created, CASE WHEN held OR done THEN created + interval '1 hour' END, due, due - interval '12 hours',
       CASE WHEN clocked = 0 AND NOT done THEN created + interval '2 hours' END,
       CASE WHEN held AND dice(n, 23, 10) = 0 THEN %(now)s + make_interval(hours => 1 + dice(n, 24, 48)::int) END,
       coalesce(due, '9999-01-01 00:00:00+00'),
       CASE WHEN done THEN created + make_interval(mins => 30 + dice(n, 25, 5000)::int) END,
       CASE WHEN done THEN m.id END, CASE WHEN done THEN m.name END, '{}',
       CASE WHEN dice(n, 26, 25) = 0 THEN 1 ELSE 0 END, c.level, c.mark, c.facts ->> 'business', c.facts #>> '{customer,level}'
FROM generate_series(%(from)s::bigint, %(to)s) n
CROSS JOIN LATERAL (SELECT n > %(open)s AS done, dice(n, 27, 20) AS clocked, CASE WHEN n <= %(open)s
    THEN 1 + (n - 1) %% %(open_cases)s ELSE %(open_cases)s + 1 + (n - 1) %% %(closed_cases)s END AS which) numbered
CROSS JOIN LATERAL (SELECT CASE WHEN done THEN 'completed' WHEN dice(n, 28, 100) < 65 THEN 'created'
    WHEN dice(n, 28, 100) < 68 THEN 'delegated' ELSE 'assigned' END AS state) lives
CROSS JOIN LATERAL (SELECT state IN ('assigned', 'delegated') AS held,
    %(now)s - make_interval(mins => 10 + dice(n, 29, 4000)::int)
        - CASE WHEN done THEN interval '20 days' ELSE interval '0' END AS created) began
CROSS JOIN LATERAL (SELECT CASE WHEN clocked > 1 THEN CASE WHEN done THEN created + interval '3 days' ELSE
    %(now)s + make_interval(secs => dice(n, 30, 432000) - 36000) END END AS due) clocks
JOIN case_file c ON c.id = md5('case' || which)::uuid
JOIN bench_queue q ON q.i = dice(which, 1, %(places_of_work)s)
JOIN bench_member m ON m.path = q.path AND m.k = dice(n, 31, m.of)
JOIN bench_member o ON o.path = q.path AND o.k = dice(n, 32, o.of)
"""

_CLOCKS = """
INSERT INTO clock (id, kind, code, name, case_id, number, instance_id, token_id, activity_id, region, holder, amount, unit, rolls,
    extended, rungs, pausable, stops_on, started_at, due_at, warn_at, provisional, revision, paused_at, pause_reason, stop_reason)
SELECT md5('clock' || n)::uuid, 'task', 'R1', '办理时限', case_id, business_key, instance_id, id, activity_id, '/hq/', candidate_group,
    72, 'h', false, 0, '90%% 100%%', '{customer}', 'complete', created_at, due_at, warn_at, false, 1, paused_at,
    CASE WHEN paused_at IS NULL THEN '' ELSE 'customer' END, ''
FROM generate_series(%(from)s::bigint, %(to)s) n JOIN user_task t ON t.id = md5('task' || n)::uuid
WHERE n <= %(open)s AND (due_at IS NOT NULL OR paused_at IS NOT NULL)
"""

_KEYS = """
INSERT INTO case_key (key, filed_at, case_id)
SELECT key, filed_at, id FROM generate_series(%(from)s::bigint, %(to)s) n JOIN case_file c ON c.id = md5('case' || n)::uuid
CROSS JOIN LATERAL unnest(ARRAY['phone:' || (facts #>> '{customer,phone}'), 'business:' || (facts ->> 'business')]) AS key
"""

_WORDS = """
INSERT INTO case_words (case_id, words, pairs)
SELECT id, said, letter_pairs(said)
FROM generate_series(%(from)s::bigint, %(to)s) n JOIN case_file c ON c.id = md5('case' || n)::uuid
CROSS JOIN LATERAL words_of_case(number, facts, refers_to) AS said
"""

_TO_DESK = """
UPDATE user_task t SET state = CASE WHEN theirs.k > %(desk)s THEN 'delegated' ELSE 'assigned' END,
    owner_id = CASE WHEN theirs.k > %(desk)s THEN p.id END, owner_name = CASE WHEN theirs.k > %(desk)s THEN p.name END,
    assignee_id = CASE WHEN theirs.k > %(desk)s THEN m.id ELSE p.id END,
    assignee_name = CASE WHEN theirs.k > %(desk)s THEN m.name ELSE p.name END, claimed_at = t.created_at,
    follow_up_at = CASE WHEN theirs.k %% 6 = 0 THEN %(now)s + interval '1 day' END
FROM (SELECT id, unit_path, row_number() OVER (ORDER BY id) AS k FROM user_task
      WHERE state = 'created' AND candidate_group = %(group)s ORDER BY id LIMIT %(desk)s + %(away)s) theirs
JOIN bench_member m ON m.path = %(path)s AND m.k = 0, person p
WHERE t.id = theirs.id AND p.login = %(login)s
"""
_TO_ARCHIVE = """
UPDATE user_task t SET completed_by = p.id, completed_by_name = p.name
FROM (SELECT id FROM user_task WHERE state = 'completed' AND candidate_group = %(group)s
      ORDER BY completed_at, id LIMIT %(done)s OFFSET %(others)s) theirs, person p
WHERE t.id = theirs.id AND p.login = %(login)s
"""

_FILLED = ("case_file", "case_words", "case_key", "user_task", "clock")
_INDEXES = """
SELECT format('DROP INDEX %%I', c.relname), pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = ANY(%(tables)s::regclass[])
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid)
"""


class Crowd:
    """Fills one database that holds the organisation. `now`: the instant at which its lists are going to be read."""

    def __init__(self, url: str, tasks: int, now: datetime, say: Callable[[str], None]) -> None:
        self._url, self._say = url, say
        open_cases = max(1, int(tasks * CASES_PER_TASK))
        closed_cases = CLOSED // TASKS_PER_CLOSED_CASE
        self._tasks, self._cases = tasks + CLOSED, open_cases + closed_cases
        self._places = queues()
        self._given = {
            "now": now,
            "open": tasks,
            "open_cases": open_cases,
            "closed_cases": closed_cases,
            "places_of_work": len(self._places),
            "surnames": list(_SURNAMES),
            "given": list(_GIVEN),
            "businesses": list(BUSINESSES),
            "places": list(_PLACES),
            "troubles": list(_TROUBLES),
            "demands": list(_DEMANDS),
        }

    def gather(self) -> None:
        """Make everything. A database it has begun and not ended is of no use."""
        apart = [CLERK, MANAGER, HEADQUARTERS, *colleagues()]
        with psycopg.connect(self._url) as connection:
            with psycopg.ClientCursor(connection) as cursor:
                cursor.execute(_PREPARED, {"apart": apart})
            with connection.cursor().copy("COPY bench_queue FROM STDIN") as copy:
                for number, queue in enumerate(self._places):
                    copy.write_row(
                        (number, queue.group, queue.path, queue.code, queue.province, queue.filed_at)
                    )
            # A few of headquarters sit in a unit whose work lies at the path it acts for.
            connection.execute(
                "INSERT INTO bench_member SELECT '/hq/', k, of, id, name FROM bench_member WHERE path = '/hq/hq_service/'"
            )
            connection.execute("ANALYZE bench_queue; ANALYZE bench_member")
            indexes = connection.execute(_INDEXES, {"tables": list(_FILLED)}).fetchall()
            for dropped, _ in indexes:
                connection.execute(dropped)
            # The words are made from the finished rows, by the same function, twice as fast.
            connection.execute("ALTER TABLE case_file DISABLE TRIGGER case_words_are_kept")
        self._fill("cases", _CASES, self._cases)
        self._at_once("analysed", ["ANALYZE case_file"])
        self._fill("words", _WORDS, self._cases)
        self._fill("keys", _KEYS, self._cases)
        self._fill("tasks", _TASKS, self._tasks)
        self._at_once("analysed", ["ANALYZE user_task"])
        self._desks()
        self._fill("clocks", _CLOCKS, self._tasks)
        self._at_once("indexes", [made for _, made in indexes])
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute("ALTER TABLE case_file ENABLE TRIGGER case_words_are_kept")
            connection.execute(_CLEARED)
            connection.execute("VACUUM (ANALYZE)")
            connection.execute("CHECKPOINT")
            connection.execute(f"CREATE TABLE {FINISHED} ()")

    def _desks(self) -> None:
        centre = f"/hq/{BIG}/{BIG}_centre/"
        for login, group, path, others in (
            (CLERK, f"provincial_centre@{centre}", centre, 0),
            (MANAGER, f"provincial_centre@{centre}", centre, DONE),
            (HEADQUARTERS, "upgrade_centre@/hq/", "/hq/", 0),
        ):
            mine = {
                "login": login, "group": group, "path": path, "others": others, "now": self._given["now"],
                "desk": ON_A_DESK, "away": GIVEN_AWAY, "done": DONE,
            }  # fmt: skip
            with psycopg.connect(self._url) as connection:
                connection.execute(_TO_DESK, mine)
                connection.execute(_TO_ARCHIVE, mine)

    def _fill(self, what: str, statement: str, count: int) -> None:
        """Run an INSERT for every number up to `count`, a stretch each, two at once."""
        began = time.perf_counter()

        def stretch(first: int) -> None:
            given = {**self._given, "from": first, "to": min(count, first + _STEP - 1)}
            with psycopg.connect(self._url) as connection:
                connection.execute("SET jit = off")
                connection.execute(statement, given)

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(stretch, range(1, count + 1, _STEP)))
        self._say(f"{what} {time.perf_counter() - began:.0f} s")

    def _at_once(self, what: str, statements: Sequence[str]) -> None:
        began = time.perf_counter()

        def run(statement: str) -> None:
            with psycopg.connect(self._url, autocommit=True) as connection:
                connection.execute("SET maintenance_work_mem = '512MB'")
                connection.execute(statement)

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(run, statements))
        self._say(f"{what} {time.perf_counter() - began:.0f} s")
