"""The page Scale and typology as one file, the way an analyst in a hurry writes it: the stopwatch's peer.

    PLAIN_APP_DATA=folder/of/exports streamlit run benchmarks/plain_app.py

`pandas.read_csv` behind `st.cache_data`, groupby for every figure, `plotly.express` for every chart. Nothing
in it is slow on purpose: the export is read once, and only stalking-involved crimes are kept, as categories.
It has the filters and the charts of the page, and a table under each chart; it has no intervals, breaks, part
months, markers, sentences, files or account of what was read.
"""

import os
from pathlib import Path

import pandas as pd
import plotly.express as px
import streamlit as st
from plotly.graph_objects import Figure

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("PLAIN_APP_DATA", ROOT / "sample_data" / "synthetic"))
COLOURS = ["#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1"]

COLUMNS = {
    "Investigation Ref": "crime",
    "Date Recorded": "recorded",
    "HO Class": "ho_class",
    "HO Code": "ho_code",
    "Included Classifications": "included",
    "Status": "status",
    "DA Flag": "domestic",
    "Internet Involved": "mode",
    "District": "district",
    "OIC Team": "team",
    "Relationship": "relationship",
    "Suspect Relationship": "suspect_relationship",
}
STALKING = {"8Q", "195/12", "8/65", "8/66"}
MODES = {"Y": "online", "N": "offline", "Partly": "both"}
RELATIONSHIPS = ["partner", "ex-partner", "family", "acquaintance", "stranger", "unknown"]
KIN = {"Ex Partner": "ex-partner", "Former Partner": "ex-partner", "Family Member": "family"}
KIN |= {"Colleague": "acquaintance", "Neighbour": "acquaintance"}
GRADES = ["standard", "medium", "high"]
TYPES = ["online", "domestic", "stranger"]
PERIODS = {"month": "M", "quarter": "Q", "financial year": "Y-MAR", "year": "Y", "rolling year": "M"}


def read(pattern: str, columns: dict[str, str]) -> pd.DataFrame:
    """Every file of that name below one another, the newest extract last."""
    parts = [
        pd.read_csv(path, usecols=list(columns), dtype=str)
        for path in sorted(DATA.glob(f"*_{pattern}_*.csv"))
    ]
    return pd.concat(parts, ignore_index=True).rename(columns=columns)


def dated(texts: pd.Series) -> pd.Series:
    """Days from either way of writing them."""
    days = pd.to_datetime(texts.str[:10], format="%d/%m/%Y", errors="coerce")
    return days.fillna(pd.to_datetime(texts.str[:10], format="%Y-%m-%d", errors="coerce"))


@st.cache_data(show_spinner="Reading the exports")
def crimes() -> pd.DataFrame:
    """Stalking-involved crimes: one row each, as the newest extract has it."""
    rows = read("crimes", COLUMNS).drop_duplicates("crime", keep="last")
    rows = rows[rows["status"].fillna("Recorded") == "Recorded"]
    codes = rows["included"].fillna("").str.split(r"[;|\n]")
    is_principal = rows["ho_class"].isin(STALKING) | rows["ho_code"].isin(STALKING)
    is_included = pd.Series([any(code.strip() in STALKING for code in each) for each in codes], rows.index)
    rows = rows.assign(basis=is_principal.map({True: "principal", False: "included only"}))
    rows = rows[is_principal | is_included].assign(recorded=dated(rows["recorded"]))
    # Without a day, or with one after the newest export, a crime belongs nowhere.
    rows = rows[rows["recorded"] <= max(path.stem[-8:] for path in DATA.glob("*_crimes_*.csv"))]

    risk = read("risk", {"Investigation Ref": "crime", "Assessment Date": "at", "Risk Grade": "risk"})
    risk = risk.assign(at=dated(risk["at"])).dropna(subset=["risk"]).sort_values("at", kind="stable")
    rows = rows.merge(risk.drop_duplicates("crime", keep="last")[["crime", "risk"]], on="crime", how="left")

    kin = rows["relationship"].fillna(rows["suspect_relationship"])
    rows["relationship"] = kin.replace(KIN).str.lower()
    rows["mode"] = rows["mode"].map(MODES)
    rows["risk"] = rows["risk"].str.lower()
    rows["online"] = rows["mode"].isin(["online", "both"])
    rows["stranger"] = rows["relationship"] == "stranger"
    blank = rows[["mode", "domestic", "relationship"]].isna().any(axis=1)
    rows["domestic"] = rows["domestic"] == "Y"
    names = [
        " + ".join(name for name, is_it in zip(TYPES, each, strict=True) if is_it)
        for each in rows[TYPES].values
    ]
    rows["types"] = names
    rows["types"] = rows["types"].where(
        rows["types"] != "", blank.map({True: "not recorded", False: "none of these"})
    )
    kept = ["basis", "district", "team", "relationship", "mode", "risk", "types"]
    rows[kept] = rows[kept].fillna("not recorded").astype("category")
    return rows[["recorded", *kept, *TYPES]].sort_values("recorded", ignore_index=True)


@st.cache_data
def residents() -> pd.Series:
    """Residents by district."""
    return pd.read_csv(ROOT / "sample_data" / "kent_district_population.csv").set_index("district")[
        "population"
    ]


@st.cache_data
def published() -> pd.DataFrame:
    """Published counts of stalking."""
    rows = pd.read_csv(ROOT / "sample_data" / "published_comparators.csv")
    return rows[(rows["series"] == "recorded stalking") & (rows["unit"] == "crimes")]


def counted(rows: pd.DataFrame, grain: str, *by: str) -> pd.DataFrame:
    """Crimes by period, and by another column where one is named; periods without crimes are 0."""
    periods = rows["recorded"].dt.to_period(PERIODS[grain])
    counts = rows.groupby([periods, *by], observed=True).size()
    table = counts.unstack(fill_value=0) if by else counts.to_frame("crimes")
    if len(table):
        table = table.reindex(
            pd.period_range(table.index.min(), table.index.max(), name="period"), fill_value=0
        )
    return table.rolling(12).sum().dropna() if grain == "rolling year" else table


def shown(title: str, figure: Figure, table: pd.DataFrame | pd.Series) -> None:
    """Draws a chart and the table under it."""
    st.subheader(title)
    st.plotly_chart(figure, key=title)
    with st.expander("Table"):
        st.dataframe(table, key=f"table of {title}")


def over_time(table: pd.DataFrame, kind: str = "line", **options: object) -> Figure:
    """A chart of a table of periods: lines, or stacked bars."""
    draw = px.bar if kind == "bar" else px.line
    return draw(
        table.set_axis(pd.PeriodIndex(table.index).to_timestamp()) if len(table) else table,
        color_discrete_sequence=COLOURS,
        labels={"value": "crimes", "period": "", "variable": ""},
        **options,
    )


st.set_page_config(page_title="Stalking", layout="wide")
everything = crimes()
first, last = everything["recorded"].min(), everything["recorded"].max()
newest = last.to_period("M") - int(last.day != last.days_in_month)

with st.sidebar:
    years = [
        f"{year}/{(year + 1) % 100:02d}" for year in range(last.year - (last.month < 4), first.year - 1, -1)
    ]
    period = st.selectbox(
        "Period", ["last 12 months", "last 24 months", "last 36 months", *years, "all data"], 1
    )
    basis = st.radio("Basis", ["any", "principal", "included only"])
    grain = st.selectbox("Periods", list(PERIODS))
    filters = {
        "district": st.multiselect("District", sorted(everything["district"].unique())),
        "types": st.multiselect("Type", TYPES),
        "relationship": st.multiselect("Relationship", [*RELATIONSHIPS, "not recorded"]),
        "risk": st.multiselect("Risk grade", [*GRADES, "not recorded"]),
        "team": st.multiselect("Team", sorted(everything["team"].unique())),
    }

if period.startswith("last"):
    since, until = newest - int(period.split()[1]) + 1, newest
elif period == "all data":
    since, until = first.to_period("M"), last.to_period("M")
else:
    since = pd.Period(f"{period[:4]}-04", "M")
    until = since + 11

of_basis = everything if basis == "any" else everything[everything["basis"] == basis]
of_filters = of_basis
compared = everything
for name, values in filters.items():
    if values and name == "types":
        of_filters = of_filters[of_filters[values].any(axis=1)]
        compared = compared[compared[values].any(axis=1)]
    elif values:
        of_filters = of_filters[of_filters[name].isin(values)]
        compared = compared[compared[name].isin(values)]
rows = of_filters[of_filters["recorded"].between(since.start_time, until.end_time)]
compared = compared[compared["recorded"].between(since.start_time, until.end_time)]

st.title("Scale and typology")
st.markdown(f"**Selected:** {since:%B %Y} to {until:%B %Y}; basis {basis}.")

by_basis = compared["basis"].value_counts()
uplift = 100 * by_basis["included only"] / by_basis["principal"] if by_basis["principal"] else float("nan")
figures = {"Stalking-involved crimes": f"{len(rows):,}", "Included add, for every 100": f"{uplift:.1f}"}
figures |= {name.capitalize(): f"{100 * rows[name].mean():.1f}%" for name in TYPES}
for column, (name, value) in zip(st.columns(len(figures)), figures.items(), strict=True):
    column.metric(name, value)

if rows.empty:
    st.info("No crimes are selected.")
    st.stop()

monthly = counted(rows, grain, "basis")
shown("Stalking-involved crimes", over_time(monthly, "line" if grain == "rolling year" else "bar"), monthly)

year = counted(of_filters[of_filters["recorded"] <= until.end_time], "rolling year")
year = year[(year.index >= since) & (year.index <= until)]
shown("Rolling 12 months", over_time(year), year)

left, right = st.columns(2)
with left:
    shares = (100 * rows[TYPES].mean()).rename("share").rename_axis("type").reset_index()
    figure = px.bar(shares, x="type", y="share", range_y=[0, 100], color_discrete_sequence=COLOURS)
    shown("Types of stalking", figure, shares)
with right:
    combined = rows["types"].value_counts().rename_axis("types").reset_index(name="crimes")
    figure = px.bar(combined, x="crimes", y="types", orientation="h", color_discrete_sequence=COLOURS)
    shown("How the types overlap", figure.update_yaxes(autorange="reversed"), combined)

crossed = rows.groupby(["relationship", "mode"], observed=True).size().reset_index(name="crimes")
figure = px.bar(
    crossed,
    x="crimes",
    y="relationship",
    color="mode",
    orientation="h",
    category_orders={"relationship": RELATIONSHIPS},
    color_discrete_sequence=COLOURS,
)
shown("Relationship and mode", figure, crossed)

last_year = of_filters[of_filters["recorded"].between((until - 11).start_time, until.end_time)]
rate = (1000 * last_year["district"].value_counts() / residents()).dropna().sort_values(ascending=False)
rates = rate.rename("rate").rename_axis("district").reset_index()
figure = px.bar(rates, x="rate", y="district", orientation="h", color_discrete_sequence=COLOURS)
shown("Crimes per 1,000 residents, year to the last month", figure.update_yaxes(autorange="reversed"), rates)

own = counted(everything[everything["basis"] == "principal"], "financial year")
own = own.assign(area="Own data", year=pd.PeriodIndex(own.index).year - 1, value=own["crimes"])
known = published().assign(year=lambda each: pd.to_datetime(each["period_start"]).dt.year)
beside = pd.concat([known, own], ignore_index=True)[["area", "year", "value"]]
figure = px.line(
    beside, x="year", y="value", facet_col="area", color="area", markers=True, color_discrete_sequence=COLOURS
)
shown(
    "Published figures beside ours (principal crimes)",
    figure.update_yaxes(matches=None, showticklabels=True),
    beside,
)
