"""Databases: the door to the topic's models.

- `shop_data`, `visits`, `plans`, `btree`: a shop on a real SQLite, and the rows its queries visit.
- `unused_indexes`: indexes that do not help, and why.
- `query_counter`, `data_loader`, `list_page`, `page_view`: one page, three ways to load it.
- `versions`, `schedules`, `anomalies`: transactions that meet, at four levels of isolation.
- `real_isolation`, `real_plans`, `postgres`: the same on SQLite and PostgreSQL.
- `saga`, `saga_services`: three services without a common transaction, crashed everywhere.
- `replicas`: many hands to read, each a little behind. `read_models`: answers that are kept.
- `catalogue`, `family_stores`, `families`: one product page in five kinds of databases.
- `search_index`: what search shows and checkout refuses. `one_machine`: when one is enough.
- `query_log`, `your_database`: the learner's own log, file or table.
"""

from helpers.databases.anomalies import (
    ANOMALIES,
    STANDARD,
    Anomaly,
    IsolationTable,
    isolation_table,
    which_happen,
)
from helpers.databases.btree import (
    Growth,
    Tree,
    count_comparisons,
    depth_by_formula,
    tree_of,
    visited_against_size,
)
from helpers.databases.catalogue import Catalogue, make_catalogue
from helpers.databases.data_loader import DataLoader
from helpers.databases.families import FAMILIES, FamilyTable, compare_families
from helpers.databases.list_page import (
    WAYS,
    Entry,
    PageLoad,
    as_table,
    load_batched,
    load_joined,
    load_lazy,
    load_page,
    page_latency,
    query_count,
    waterfall_latency,
)
from helpers.databases.one_machine import Machine, Needs, Verdict, is_one_machine_enough
from helpers.databases.page_view import rows_visited
from helpers.databases.plans import Measured, Plan, explain, measure
from helpers.databases.postgres import HOW_TO_GET_IT, server, why_absent
from helpers.databases.query_counter import CountingConnection
from helpers.databases.query_log import find_n_plus_one
from helpers.databases.read_models import (
    ANSWERINGS,
    ReadModelRun,
    result_cache_hit_ratio,
    run_read_model,
    view_stale_share,
)
from helpers.databases.real_isolation import (
    postgres_table,
    run_on_postgres,
    run_on_sqlite,
    sqlite_table,
)
from helpers.databases.real_plans import postgres_choices
from helpers.databases.replicas import (
    LagRun,
    mean_lag,
    most_requests,
    most_requests_at_all,
    read_after_save,
    read_capacity,
    simulate_lag,
    stale_chance,
)
from helpers.databases.saga import (
    Left,
    crash_everywhere,
    run_saga,
    run_transaction,
    saga,
    without_compensation,
    without_journal,
    without_keys,
)
from helpers.databases.schedules import Outcome, Step, run_on_model
from helpers.databases.search_index import SearchRun, ghosts_by_formula, run_search
from helpers.databases.shop_data import LOYAL_CUSTOMER, add_index, open_shop, shop_rows
from helpers.databases.unused_indexes import break_even, status_by_index, try_reasons
from helpers.databases.versions import LEVELS, BlockedError, ConflictError, VersionedStore
from helpers.databases.visits import counting_visits
from helpers.databases.your_database import advise, open_read_only, read_csv

__all__ = [
    "ANOMALIES",
    "ANSWERINGS",
    "FAMILIES",
    "HOW_TO_GET_IT",
    "LEVELS",
    "LOYAL_CUSTOMER",
    "STANDARD",
    "WAYS",
    "Anomaly",
    "BlockedError",
    "Catalogue",
    "ConflictError",
    "CountingConnection",
    "DataLoader",
    "Entry",
    "FamilyTable",
    "Growth",
    "IsolationTable",
    "LagRun",
    "Left",
    "Machine",
    "Measured",
    "Needs",
    "Outcome",
    "PageLoad",
    "Plan",
    "ReadModelRun",
    "SearchRun",
    "Step",
    "Tree",
    "Verdict",
    "VersionedStore",
    "add_index",
    "advise",
    "as_table",
    "break_even",
    "compare_families",
    "count_comparisons",
    "counting_visits",
    "crash_everywhere",
    "depth_by_formula",
    "explain",
    "find_n_plus_one",
    "ghosts_by_formula",
    "is_one_machine_enough",
    "isolation_table",
    "load_batched",
    "load_joined",
    "load_lazy",
    "load_page",
    "make_catalogue",
    "mean_lag",
    "measure",
    "most_requests",
    "most_requests_at_all",
    "open_read_only",
    "open_shop",
    "page_latency",
    "postgres_choices",
    "postgres_table",
    "query_count",
    "read_after_save",
    "read_capacity",
    "read_csv",
    "result_cache_hit_ratio",
    "rows_visited",
    "run_on_model",
    "run_on_postgres",
    "run_on_sqlite",
    "run_read_model",
    "run_saga",
    "run_search",
    "run_transaction",
    "saga",
    "server",
    "shop_rows",
    "simulate_lag",
    "sqlite_table",
    "stale_chance",
    "status_by_index",
    "tree_of",
    "try_reasons",
    "view_stale_share",
    "visited_against_size",
    "waterfall_latency",
    "which_happen",
    "why_absent",
    "without_compensation",
    "without_journal",
    "without_keys",
]
