"""The six worked systems: where they are, their modules, and the columns of their tables."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

import tidemill as tm
from tests.needs import ROOT
from tidemill.spec.expression import Type
from tidemill.spec.schema import Schemas

EXAMPLES = ROOT / "examples" / "systems"
DESIGN = ROOT.parent / "shared" / "design" / "systems"
NAMES = ("shop", "retail", "sba", "feast", "driving", "bank")


def typed(text: str) -> dict[str, Type]:
    """`int: a b; text: c` as columns with types."""
    kinds: dict[str, Type] = {
        "int": "int", "float": "float", "text": "text", "timestamp": "timestamp", "boolean": "boolean",
    }  # fmt: skip
    parts = (part.partition(":") for part in text.split(";"))
    return {column: kinds[kind.strip()] for kind, _, columns in parts for column in columns.split()}


SBA = typed(
    "int: LoanNr_ChkDgt Zip NAICS ApprovalFY Term NoEmp NewExist CreateJob RetainedJob FranchiseCode UrbanRural "
    "DisbursementGross ChgOffPrinGr GrAppv SBA_Appv; text: City State Bank BankState RevLineCr LowDoc MIS_Status; "
    "timestamp: ApprovalDate ChgOffDate DisbursementDate"
)

SCHEMAS: dict[str, Schemas] = {
    "shop": {
        "customers": typed("int: customer_id age; text: region; timestamp: updated_at joined_at"),
        "products": typed("int: product_id; text: category; float: price; timestamp: updated_at listed_at"),
        "events": typed("int: event_id customer_id product_id; text: kind; float: price; timestamp: happened_at"),
    },
    "retail": {
        "lines": typed("int: quantity customer_id; float: unit_price; text: product country; timestamp: invoice_ts")
    },
    "sba": {"loans": SBA, "losses": SBA},
    "feast": {
        "loans": typed(
            "int: loan_id zipcode person_age person_income loan_amnt loan_status; float: person_emp_length "
            "loan_int_rate; text: dob_ssn person_home_ownership loan_intent; "
            "timestamp: event_timestamp created_timestamp"
        ),
        "zipcodes": typed(
            "int: zipcode tax_returns_filed population total_wages; text: city state location_type; "
            "timestamp: event_timestamp created_timestamp"
        ),
    },
    "driving": {
        "signals": typed(
            "text: trip_id; timestamp: ts; float: coolant_c map_kpa rpm speed_kmh intake_c maf_gs throttle_pct "
            "ambient_c pedal_d_pct pedal_e_pct"
        )
    },
    "bank": {
        "calls": typed(
            "int: t age duration campaign pdays previous; float: emp_var_rate cons_price_idx cons_conf_idx euribor3m "
            "nr_employed; text: year_month_inferred job marital education default housing loan contact month "
            "day_of_week poutcome y; timestamp: called_at"
        )
    },
}


def system(name: str) -> tm.System:
    """The one System of that worked example."""
    (found,) = (
        value for value in runpy.run_path(str(EXAMPLES / f"{name}.py")).values() if isinstance(value, tm.System)
    )
    return found


def designed() -> Path:
    """The folder that the examples are copies of; the test is skipped loudly without it."""
    if not DESIGN.is_dir():
        pytest.skip(f"needs the worked systems' originals, which are not beside the checkout ({DESIGN})")
    return DESIGN
