"""The explorer as its readers meet it: by keyboard, by mouse, by ear, on a phone, in the dark."""

import base64
import re

import numpy as np
import pytest
from nbformat.sign import NotebookNotary
from nbformat.v4 import new_output
from playwright.sync_api import expect

from .conftest import PATIENCE, new_notebook, open_notebook, run_notebook, set_theme, shut_down
from .latency import measure_latency
from .sample import POLICIES, explore

CELLS = [
    "# %% [markdown]\n# Explorers",
    "from sample import explore\none = explore()\none",
    "two = explore(servers=2)\ntwo",
    "one",
]
BYTES = """async ([image, expected]) => {
    const bytes = new Uint8Array(await (await fetch(image.src)).arrayBuffer());
    const text = Array.from(bytes, byte => String.fromCharCode(byte)).join('');
    return btoa(text) === expected;
}"""


class Reader:
    """Someone in front of one explorer on a page."""

    def __init__(self, page, place):
        self.page = page
        self.root = page.locator(".course-explorer").nth(place)
        self.image = self.root.get_by_role("img")
        self.note = self.root.locator(".explorer-note")
        self.heard = self.root.locator("[aria-live]")
        self.code = self.root.get_by_role("textbox")

    def find(self, role, name):
        """Find a control as a screen reader names it."""
        return self.root.get_by_role(role, name=name, exact=True)

    def press(self, locator, *keys):
        """Press keys in a control."""
        locator.focus()
        for key in keys:
            self.page.keyboard.press(key)

    def sees(self, **values):
        """Wait until all that can be seen and heard is what Python gives for these values."""
        wanted = explore(**values)
        expect(self.code).to_have_value(wanted.code, timeout=PATIENCE)
        expect(self.note).to_have_text(wanted.note)
        expect(self.image).to_have_attribute("alt", wanted.alt)
        png = base64.b64encode(wanted.png).decode()
        self.page.wait_for_function(BYTES, arg=[self.image.element_handle(), png])
        expect(self.root).not_to_have_class(re.compile("explorer-stale"))
        wanted.close()

    def reset(self):
        """Start over."""
        self.find("button", "Reset").click()
        expect(self.code).to_have_value(re.compile("arrival_rate=60, .*backup=False"))
        self.root.evaluate("root => document.activeElement.blur()")


@pytest.fixture(scope="module")
def running(lab, new_page):
    """Show three explorers, the third a second view of the first."""
    page = new_page(1400, 2400, permissions=["clipboard-read", "clipboard-write"])
    run_notebook(lab, page, lab.write(new_notebook(CELLS)))
    expect(page.locator(".course-explorer")).to_have_count(3, timeout=PATIENCE)
    yield page
    shut_down(page)


@pytest.fixture
def readers(running):
    """Give a reader for each explorer, all put back to the start."""
    readers = [Reader(running, place) for place in range(3)]
    for reader in readers[:2]:
        reader.reset()
    return readers


@pytest.fixture
def reader(readers):
    return readers[0]


def test_what_a_reader_meets_first_is_what_python_made(reader):
    reader.find("button", "Reset").click()
    reader.sees()
    expect(reader.heard).to_have_text(reader.note.inner_text())
    assert reader.image.evaluate("image => [image.naturalWidth, image.width]") == [900, 900]


@pytest.mark.parametrize(
    ("key", "rate"),
    [("ArrowRight", 61), ("ArrowLeft", 59), ("PageUp", 76), ("PageDown", 44)],
)
def test_keys_step_a_slider(reader, key, rate):
    reader.press(reader.find("slider", "Arrival rate"), key)
    reader.sees(arrival_rate=rate)


@pytest.mark.parametrize(("key", "rate"), [("Home", 1), ("End", 160)])
def test_home_and_end_go_to_the_ends_of_a_slider(reader, key, rate):
    reader.press(reader.find("slider", "Arrival rate"), key)
    reader.sees(arrival_rate=rate)


def test_a_slider_says_its_true_value_with_the_unit(reader):
    rate = reader.find("slider", "Arrival rate")
    expect(rate).to_have_attribute("aria-valuetext", "60 requests/s")
    reader.press(rate, "ArrowRight")
    expect(rate).to_have_attribute("aria-valuetext", "61 requests/s")
    variability = reader.find("slider", "Variability")
    expect(variability).to_have_attribute("aria-valuetext", "1")
    reader.press(variability, "End")
    expect(variability).to_have_attribute("aria-valuetext", "4")
    reader.sees(arrival_rate=61, variability=4.0)


def test_radio_buttons_are_chosen_by_arrow_keys(reader):
    reader.press(reader.find("radio", "one shared"), "ArrowRight")
    expect(reader.find("radio", "one per server")).to_be_checked()
    reader.sees(queues="one per server")


def test_a_list_is_chosen_from_by_keys(reader):
    policy = reader.find("combobox", "Policy")
    reader.press(policy, "ArrowDown")
    expect(policy).to_have_value("1")
    reader.sees(policy=POLICIES[1])


def test_a_switch_is_turned_by_the_space_bar(reader):
    backup = reader.find("switch", "Backup server")
    reader.press(backup, "Space")
    expect(backup).to_be_checked()
    reader.sees(backup=True)


def test_reset_puts_everything_back(reader):
    reader.press(reader.find("slider", "Servers"), "End")
    reader.press(reader.find("switch", "Backup server"), "Space")
    reader.sees(servers=8, backup=True)
    reader.find("button", "Reset").click()
    reader.sees()
    expect(reader.find("slider", "Servers")).to_have_attribute("aria-valuetext", "4")
    expect(reader.find("switch", "Backup server")).not_to_be_checked()


def test_copy_puts_the_line_of_python_on_the_clipboard(reader):
    reader.press(reader.find("slider", "Servers"), "End")
    reader.sees(servers=8)
    reader.find("button", "Copy").click()
    expect(reader.find("button", "Copied")).to_be_visible()
    copied = reader.page.evaluate("() => navigator.clipboard.readText()")
    assert copied == explore(servers=8).code


def test_without_a_clipboard_the_line_of_python_is_selected(reader):
    reader.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(); }")
    try:
        reader.find("button", "Copy").click()
        selected = "field => field.value.slice(field.selectionStart, field.selectionEnd)"
        expect(reader.code).to_be_focused()
        assert reader.code.evaluate(selected) == reader.code.input_value()
    finally:
        reader.page.evaluate("() => { delete navigator.clipboard.writeText; }")


def test_the_keyboard_alone_reaches_everything_in_the_order_seen(reader):
    expect(reader.find("button", "Copy")).to_be_visible()
    reader.find("slider", "Arrival rate").focus()
    names = []
    for _ in range(9):
        names.append(
            reader.page.evaluate(
                "() => document.activeElement.labels?.[0]?.textContent"
                " || document.activeElement.ariaLabel || document.activeElement.textContent"
            )
        )
        reader.page.keyboard.press("Tab")
    assert names == [
        *("Arrival rate", "Servers", "Variability", "Policy", "one shared", "Backup server"),
        *("This state as a line of Python", "Copy", "Reset"),
    ]


def test_keys_pressed_in_a_control_do_nothing_to_the_notebook(reader):
    state = """() => {
        const { widgets, activeCellIndex, mode } = jupyterapp.shell.currentWidget.content;
        return [widgets.length, activeCellIndex, mode];
    }"""
    reader.find("slider", "Arrival rate").focus()
    before = reader.page.evaluate(state)
    reader.press(reader.find("slider", "Arrival rate"), "ArrowDown", "ArrowUp", "d", "d", "b", "a")
    reader.sees()
    assert reader.page.evaluate(state) == before


def drag(reader, control, shares):
    """Drag a slider's knob to shares of its length, as fast as the mouse goes."""
    control.scroll_into_view_if_needed()
    box = control.bounding_box()
    height = box["y"] + box["height"] / 2
    mouse = reader.page.mouse
    now = int(control.input_value()) / int(control.get_attribute("max"))
    mouse.move(box["x"] + 9 + now * (box["width"] - 18), height)
    mouse.down()
    for share in shares:
        mouse.move(box["x"] + 9 + share * (box["width"] - 18), height)
    mouse.up()


def test_a_fast_drag_ends_with_the_picture_of_where_it_ended(reader):
    """Of many positions few are sent, so no backlog is left to be worked through."""
    rate = reader.find("slider", "Arrival rate")
    rate.evaluate("""input => {
        window.courseMoves = 0;
        input.addEventListener('input', () => { courseMoves += 1; });
    }""")
    reader.image.evaluate("""image => {
        window.coursePictures = 0;
        image.addEventListener('load', () => { coursePictures += 1; });
    }""")
    drag(reader, rate, np.abs(np.sin(np.linspace(0.4, 20.2, 150))))
    reader.sees(arrival_rate=int(rate.input_value()) + 1)
    moves, pictures = reader.page.evaluate("() => [courseMoves, coursePictures]")
    assert moves > 50
    assert 1 <= pictures < moves
    reader.page.wait_for_timeout(1000)
    assert reader.page.evaluate("() => coursePictures") == pictures


def test_of_many_moves_at_once_the_first_and_the_last_are_sent(reader):
    reader.image.evaluate("""image => {
        window.courseFew = 0;
        image.addEventListener('load', () => { courseFew += 1; });
    }""")
    reader.find("slider", "Arrival rate").evaluate("""input => {
        for (let position = 0; position < 120; position += 1) {
            input.value = position;
            input.dispatchEvent(new Event('input', { bubbles: true }));
        }
    }""")
    reader.sees(arrival_rate=120)
    reader.page.wait_for_timeout(1000)
    assert reader.page.evaluate("() => courseFew") <= 2


@pytest.fixture
def narrow(reader):
    """Give the explorer as little room as asked for: `narrow("320px")`."""

    def give(width):
        reader.root.evaluate("(root, width) => { root.parentElement.style.width = width; }", width)

    yield give
    give("")


@pytest.mark.parametrize("width", ["", "500px"])
def test_nothing_jumps_and_the_picture_is_never_blank(reader, narrow, width):
    narrow(width)
    reader.root.evaluate("""root => {
        const image = root.querySelector('img');
        const seen = window.courseSeen = { heights: new Set(), blank: 0, stop: false };
        const look = () => {
            seen.heights.add(root.getBoundingClientRect().height);
            if (!image.complete || !image.naturalWidth) seen.blank += 1;
            if (!seen.stop) requestAnimationFrame(look);
        };
        look();
    }""")
    drag(reader, reader.find("slider", "Arrival rate"), [*np.linspace(0, 1, 60), 0.2, 1])
    reader.press(reader.find("slider", "Servers"), "Home")
    reader.press(reader.find("switch", "Backup server"), "Space")
    reader.sees(arrival_rate=160, servers=1, backup=True)
    reader.press(reader.find("radio", "one shared"), "ArrowRight")
    expect(reader.note).to_contain_text("could not be computed")
    seen = reader.page.evaluate(
        "() => { courseSeen.stop = true; return [[...courseSeen.heights], courseSeen.blank]; }"
    )
    assert len(seen[0]) == 1, seen
    assert seen[1] == 0


def test_what_cannot_be_computed_is_said_and_mended_by_the_next_move(reader):
    reader.press(reader.find("slider", "Servers"), "Home")
    reader.press(reader.find("switch", "Backup server"), "Space")
    reader.sees(servers=1, backup=True)
    alt = reader.image.get_attribute("alt")
    reader.press(reader.find("radio", "one shared"), "ArrowRight")
    complaint = "This combination could not be computed: backup needs at least 2 servers, got 1"
    expect(reader.note).to_have_text(complaint)
    expect(reader.heard).to_have_text(complaint)
    expect(reader.image).to_have_attribute("alt", alt)
    reader.press(reader.find("slider", "Servers"), "ArrowRight")
    reader.sees(servers=2, backup=True, queues="one per server")


def test_a_control_answers_while_a_cell_is_running(reader):
    """JupyterLab opens a way past the running cell with the first move."""
    reader.press(reader.find("slider", "Servers"), "ArrowRight")
    reader.sees(servers=5)
    kernel = "jupyterapp.shell.currentWidget.sessionContext.session.kernel"
    reader.page.evaluate(f"""() => {{
        window.courseCell = {{ running: true }};
        const cell = {kernel}.requestExecute({{ code: 'import time; time.sleep(100)' }});
        cell.done.finally(() => {{ courseCell.running = false; }});
    }}""")
    try:
        reader.press(reader.find("slider", "Arrival rate"), *["ArrowRight"] * 3)
        reader.sees(arrival_rate=63, servers=5)
        assert reader.page.evaluate("() => courseCell.running")
    finally:
        reader.page.evaluate(f"() => {kernel}.interrupt()")
        reader.page.wait_for_function("() => !courseCell.running")


def test_a_screen_reader_hears_the_note_once_it_has_come_to_rest(reader):
    reader.press(reader.find("slider", "Arrival rate"), *["ArrowRight"] * 25)
    reader.sees(arrival_rate=85)
    expect(reader.heard).to_have_text(reader.note.inner_text())
    reader.press(reader.find("slider", "Arrival rate"), *["ArrowLeft"] * 15)
    reader.sees(arrival_rate=70)
    expect(reader.heard).to_have_text(re.compile("At 70 requests/s"))


def test_two_explorers_on_a_page_move_on_their_own(readers):
    one, two, _ = readers
    one.press(one.find("slider", "Arrival rate"), "End")
    one.sees(arrival_rate=160)
    two.sees(servers=2)
    two.press(two.find("radio", "one shared"), "ArrowRight")
    two.sees(servers=2, queues="one per server")
    one.sees(arrival_rate=160)


def test_two_views_of_one_explorer_move_together(readers):
    one, _, again = readers
    again.press(again.find("slider", "Servers"), "End")
    again.press(again.find("radio", "one shared"), "ArrowRight")
    for view in (one, again):
        view.sees(servers=8, queues="one per server")
        expect(view.find("slider", "Servers")).to_have_attribute("aria-valuetext", "8")
        expect(view.find("radio", "one per server")).to_be_checked()


def test_no_two_elements_have_the_same_id(running):
    ids = running.eval_on_selector_all(".course-explorer [id]", "all => all.map(one => one.id)")
    assert len(ids) > 20
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_to_complain_of(reader, violations, dark):
    """Neither in what a screen reader is given nor, for contrast, in what only eyes are given."""
    set_theme(reader.page, dark)
    seen = reader.root.locator("[aria-hidden]")
    try:
        assert violations(reader.page, ".course-explorer") == []
        reader.press(reader.find("slider", "Servers"), "Home")
        reader.press(reader.find("switch", "Backup server"), "Space")
        reader.press(reader.find("radio", "one shared"), "ArrowRight")
        expect(reader.note).to_contain_text("could not be computed")
        seen.evaluate_all("all => all.forEach(node => node.setAttribute('aria-hidden', 'false'))")
        assert violations(reader.page, ".course-explorer") == []
    finally:
        seen.evaluate_all("all => all.forEach(node => node.setAttribute('aria-hidden', 'true'))")
        set_theme(reader.page, dark=False)


def test_the_picture_is_a_white_card_on_a_dark_page(reader):
    set_theme(reader.page, dark=True)
    try:
        card = reader.root.locator(".explorer-card")
        shade = "node => getComputedStyle(node)"
        assert card.evaluate(f"node => ({shade})(node).backgroundColor") == "rgb(255, 255, 255)"
        text = reader.note.evaluate(f"node => ({shade})(node).color")
        assert min(float(part) for part in re.findall(r"[\d.]+", text)[:3]) > 200
    finally:
        set_theme(reader.page, dark=False)


def test_a_narrow_screen_stacks_the_controls_and_scrolls_nowhere(reader, narrow):
    narrow("320px")
    assert reader.root.evaluate("root => root.scrollWidth <= root.clientWidth")
    inside = """root => [...root.querySelectorAll('input, select, button, img, label')].every(
        node => node.getBoundingClientRect().right <= root.getBoundingClientRect().right + 0.5)"""
    assert reader.root.evaluate(inside)
    above, below = (
        reader.find("slider", name).bounding_box()["y"] for name in ("Arrival rate", "Servers")
    )
    assert below > above + 20
    shape = reader.image.bounding_box()
    assert shape["width"] / shape["height"] == pytest.approx(900 / 360, rel=0.01)


def test_a_picture_follows_while_python_sets_the_values(notebook):
    page = notebook(
        ["from sample import explore\none = explore()\none", "one.values = {'servers': 6}"]
    )
    reader = Reader(page, 0)
    reader.sees(servers=6)
    expect(reader.find("slider", "Servers")).to_have_attribute("aria-valuetext", "6")


def test_the_picture_pales_when_nobody_answers(notebook):
    page = notebook(["from sample import explore\nexplore()"])
    reader = Reader(page, 0)
    reader.sees()
    page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
    reader.press(reader.find("slider", "Arrival rate"), "ArrowRight")
    expect(reader.root).to_have_class(re.compile("explorer-stale"))


@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "untrusted"])
def test_a_saved_notebook_shows_the_picture_before_anything_is_run(lab, page, trusted):
    explorer = explore()
    data, metadata = explorer._repr_mimebundle_()
    data = {kind: data[kind] for kind in ("text/plain", "image/png")}
    saved = new_notebook(["explore()"])
    saved.cells[0].outputs = [
        new_output("execute_result", data=data, metadata=metadata, execution_count=1)
    ]
    saved.cells[0].execution_count = 1
    name = lab.write(saved)
    if trusted:
        NotebookNotary(data_dir=str(lab.data)).sign(saved)
    open_notebook(lab, page, name)
    assert page.evaluate(
        "() => jupyterapp.shell.currentWidget.content.model.cells.get(0).trusted"
    ) is (trusted)
    image = page.locator(".jp-OutputArea img")
    expect(image).to_be_visible(timeout=PATIENCE)
    assert image.evaluate("image => [image.naturalWidth, image.width]") == [1800, 900]
    shut_down(page)


@pytest.mark.parametrize(("device_scale_factor", "width"), [(1, 900), (1.5, 1800), (2, 1800)])
def test_the_picture_is_as_fine_as_the_screen(lab, new_page, device_scale_factor, width):
    page = new_page(device_scale_factor=device_scale_factor)
    name = lab.write(new_notebook(["from sample import explore\nexplore()"]))
    run_notebook(lab, page, name)
    image = page.locator(".course-explorer img")
    expect(image).to_be_visible(timeout=PATIENCE)
    page.wait_for_function(
        "width => document.querySelector('.course-explorer img').naturalWidth === width", arg=width
    )
    assert image.evaluate("image => image.width") == 900
    shut_down(page)


def test_latency_can_be_measured(reader, capsys):
    times = measure_latency(reader.page, reader.find("slider", "Arrival rate"), steps=60)
    assert len(times) == 60
    assert min(times) > 0
    p50, p95 = np.quantile(times, [0.5, 0.95])
    with capsys.disabled():
        print(f"\nkey to painted pixels: p50 {p50:.0f} ms, p95 {p95:.0f} ms")
