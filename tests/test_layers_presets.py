from pathlib import Path

import pandas as pd
import pytest

from layers.account import Ledger
from layers.errors import CaseError, LayerError
from layers.fields import Fields
from layers.numerals import storey_counts
from layers.presets import find_preset, preset_of, read_presets
from layers.tables import BUILDINGS, LAYER_TABLES
from layers.vectors import LayerSource

TABLES = {table.name: table for table in LAYER_TABLES}
CLASSED = {"buildings": "use", "streets": "street_class"}
NO_CLASSES = {"substations", "townships"}


def fields_of(preset=None, **given):
    source = LayerSource(path=Path("roofs.shp"), **given)
    return Fields.of(source, preset, table=BUILDINGS, classed="use", extra=("roof_height_m",))


def test_every_preset_names_columns_and_classes_that_its_layer_has():
    for (layer, name), preset in read_presets().items():
        table = TABLES[layer]
        ours = {column.name: column for column in table.columns}
        extra = {"roof_height_m", "voltage_v", "kind"}
        assert set(preset.columns) <= set(ours) | extra, (layer, name)
        for column, words in preset.classes.items():
            allowed = ours[column].allowed or ("forward", "backward", "both")
            assert set(words.values()) <= set(allowed), (layer, name, column)
        assert preset.licence, (layer, name)
        assert preset.attribution, (layer, name)


def test_the_seven_building_presets_are_there():
    names = {name for layer, name in read_presets() if layer == "buildings"}
    assert names == {
        "osm", "overture", "global_building_atlas", "globfp_3d", "gable", "survey", "gaode",
    }  # fmt: skip


def test_an_osm_file_is_read_by_the_osm_preset_and_other_files_by_none():
    assert preset_of(LayerSource(path=Path("a.osm.pbf")), "buildings").name == "osm"
    assert preset_of(LayerSource(path=Path("a.gpkg")), "buildings") is None
    assert preset_of(LayerSource(path=Path("a.gpkg"), preset="gaode"), "buildings").name == "gaode"


def test_openstreetmap_is_refused_for_a_layer_it_is_not_read_for():
    with pytest.raises(
        LayerError, match=r"a\.osm\.pbf is OpenStreetMap, which is not read for town"
    ):
        preset_of(LayerSource(path=Path("a.osm.pbf")), "townships")


def test_codes_in_a_column_with_gaps_are_words():
    fields = fields_of(columns={"use": "code"}, classes={"101": "school"})
    assert fields.words(pd.DataFrame({"code": [101.0, None]}), "use")[0].tolist()[0] == "school"


def test_an_unknown_preset_offers_the_near_ones():
    with pytest.raises(LayerError, match="'gaodi' for buildings is unknown; did you mean gaode"):
        find_preset("buildings", "gaodi")
    with pytest.raises(LayerError, match="no presets for weather"):
        find_preset("weather", "osm")


def test_a_users_preset_file_wins_and_is_checked(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(
        '[buildings.gaode]\ntitle = "mine"\nmissing = [-1]\n'
        '[buildings.gaode.columns]\nstoreys = "LC"\n[buildings.gaode.classes.use]\nshop = ["mall*"]\n',
        encoding="utf-8",
    )
    preset = find_preset("buildings", "gaode", own)
    assert (preset.title, preset.columns, preset.missing) == ("mine", {"storeys": ("LC",)}, (-1.0,))
    assert find_preset("buildings", "survey", own).columns["storeys"][0] == "层数"
    fields = fields_of(preset)
    numbers = fields.numbers(pd.DataFrame({"LC": [3, -1, None]}), "storeys", storey_counts)
    assert numbers.found[0] == 3
    assert numbers.unread.tolist() == [False, False, False]  # -1 means "not known", not a fault


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[buildings.a]\ncolunms = {}", "unknown key 'colunms'; did you mean columns"),
        ("[buildings.a]\nmissing = -1", "missing must be a list of numbers"),
        ("[buildings.a.columns]\nuse = 3", "columns.use must be a word or a list of words"),
        ("[buildings.a]\nreads = [{ geometry = 'Area' }]", "geometry is 'Area'; allowed are Polygon"),
        ("[buildings.a", "is not valid TOML"),
        ("buildings = 3", "outside a"),
    ],
)  # fmt: skip
def test_a_faulty_preset_file_is_one_sentence(tmp_path, text, says):
    own = tmp_path / "own.toml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(CaseError, match=says):
        read_presets(own)


def test_a_missing_preset_file_is_one_sentence(tmp_path):
    with pytest.raises(CaseError, match=r"none\.toml cannot be opened"):
        read_presets(tmp_path / "none.toml")


def test_the_cases_column_map_overrides_the_preset_column_by_column():
    fields = fields_of(find_preset("buildings", "survey"), columns={"storeys": "LC"})
    frame = pd.DataFrame({"LC": ["3层"], "层数": ["9层"], "用途": ["住宅"]})
    fields.check(frame)
    assert fields.numbers(frame, "storeys", storey_counts).found.tolist() == [3]
    assert fields.words(frame, "use")[0].tolist() == ["apartment"]


def test_a_mapped_column_that_the_file_lacks_is_refused_with_the_near_ones():
    fields = fields_of(columns={"storeys": "Flor"})
    with pytest.raises(LayerError, match=r"no column 'Flor'.*did you mean Floor"):
        fields.check(pd.DataFrame({"Floor": [1]}))


def test_a_column_that_the_layer_lacks_is_refused_with_the_near_ones():
    with pytest.raises(LayerError, match=r"names 'storey'.*did you mean storeys"):
        fields_of(columns={"storey": "Floor"})


def test_a_file_with_none_of_a_presets_columns_is_refused():
    fields = fields_of(find_preset("buildings", "gaode"))
    with pytest.raises(
        LayerError, match=r"none of the columns that the preset 'gaode' expects \(Floor"
    ):
        fields.check(pd.DataFrame({"levels": [1]}), expected=("use", "height_m", "storeys"))


def test_columns_are_found_in_another_case():
    fields = fields_of(find_preset("buildings", "globfp_3d"))
    assert fields.text(pd.DataFrame({"HEIGHT": ["9"]}), "height_m").tolist() == ["9"]


def test_words_map_by_tag_by_word_and_by_pattern():
    osm = fields_of(find_preset("buildings", "osm"))
    frame = pd.DataFrame(
        {
            "building": ["yes", "House", "yes", "yes", "yes", "industrial", None],
            "amenity": [None, "school", "bench;school", None, None, None, None],
            "shop": [None, None, None, "bakery", "no", None, None],
        }
    )
    words, unmapped = osm.words(frame, "use")
    assert words.fillna("-").tolist() == [
        "-", "rural_home", "school", "shop", "-", "industrial", "-",
    ]  # fmt: skip
    assert unmapped.fillna("-").tolist() == ["yes", "-", "-", "-", "yes", "-", "-"]


def test_a_pattern_is_not_matched_by_the_name_of_the_column():
    survey = fields_of(find_preset("buildings", "survey"), columns={"use": "住宅类型"})
    assert survey.words(pd.DataFrame({"住宅类型": ["铁塔"]}), "use")[0].isna().all()


def test_chinese_words_of_use_map():
    survey = fields_of(find_preset("buildings", "survey"))
    theirs = [
        "农村宅基地",
        "商品住宅",
        "第二中学",
        "中心幼儿园",
        "生产厂房",
        "村委会",
        "门诊楼",
        "车库",
    ]
    words, _ = survey.words(pd.DataFrame({"用途": theirs}), "use")
    assert words.tolist() == [
        "rural_home", "apartment", "school", "kindergarten", "industrial", "public", "hospital", "utility",
    ]  # fmt: skip


def test_the_cases_classes_win_over_the_presets():
    fields = fields_of(find_preset("buildings", "survey"), classes={"*住宅*": "rural_home"})
    words, _ = fields.words(pd.DataFrame({"用途": ["商品住宅"]}), "use")
    assert words.tolist() == ["rural_home"]


def test_a_class_that_does_not_exist_is_refused():
    with pytest.raises(
        LayerError, match=r"'ware_house'.*no use of buildings; did you mean warehouse"
    ):
        fields_of(classes={"x": "ware_house"})


def test_without_a_preset_our_own_names_and_words_are_expected():
    frame = pd.DataFrame({"use": ["School", "shop"], "storeys": [2, 3]})
    fields = fields_of()
    assert fields.words(frame, "use")[0].tolist() == ["school", "shop"]
    assert fields.numbers(frame, "storeys", storey_counts).found.tolist() == [2, 3]


def test_unmapped_words_are_noted_with_the_commonest_first():
    ledger = Ledger("buildings", "roofs.shp")
    fields_of().note_unmapped(ledger, pd.Series(["a", "b", "b", None]), what="a word")
    (line,) = ledger.frame().itertuples()
    assert (line.rows, line.reason) == (3, "a word has no class in the class map: b (2), a (1)")


def test_a_text_column_keeps_gaps_and_takes_the_first_column_with_a_value():
    fields = fields_of(find_preset("buildings", "osm"))
    frame = pd.DataFrame({"name": ["a", "b", None], "name:zh": [" ", "乙", None]})
    text = fields.text(frame, "name")
    assert text[:2].tolist() == ["a", "乙"]
    assert pd.isna(text[2])


def test_a_preset_with_a_warning_says_so_in_the_account():
    ledger = Ledger("buildings", "roofs.shp")
    fields_of(find_preset("buildings", "gaode")).note_licence(ledger, 5)
    assert "mind: the licence is unclear" in ledger.frame()["reason"].iloc[0]
