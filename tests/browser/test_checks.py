"""Forms and verdicts in a real JupyterLab: by keyboard, in both themes, for screen readers."""

import nbformat
import pytest
from playwright.sync_api import expect

from helpers.checks import Case, Check, examine, predict

from .conftest import open_notebook, set_theme

PREDICT = """
from helpers.checks import predict, reveal
predict("browser_{name}.wait", "How long is the wait?", unit="ms")
"""
CHOOSE = """
from helpers.checks import predict
predict("browser_{name}.best", "Which waits less?", options=["one queue", "two queues"])
"""
QUIZ = """
from helpers.checks import Option, Question
from helpers.checks.quizzes import ask_question
ask_question(Question("browser_{name}.double", "What is twice three?", (
    Option("five", "Five is two more than three."),
    Option("six", "Three and three is six.", correct=True),
)))
"""
CHECK = """
from helpers.checks import TODO, Case, Check, examine
DOUBLE = Check(cases=(Case((3.0,), expected=6.0),), hint="Add it to itself.", shows="Twice.")
"""


def form(page):
    """Give the form on the page."""
    return page.locator(".course-form")


def reply(page):
    """Give the line that a screen reader announces."""
    return form(page).get_by_role("status")


def test_an_interval_is_committed_and_revised_by_keyboard(notebook):
    page = notebook([PREDICT.format(name="interval")])
    group = page.get_by_role("group", name="How long is the wait?")
    expect(group).to_be_visible()
    expect(reply(page)).to_have_text("No prediction yet.")
    group.get_by_role("spinbutton", name="from ms").focus()
    page.keyboard.type("3")
    page.keyboard.press("Tab")
    page.keyboard.type("8.5")
    page.keyboard.press("Enter")
    expect(reply(page)).to_have_text("You predict 3 to 8.5 ms.")
    expect(group.get_by_role("spinbutton", name="to ms")).to_have_value("8.5")
    page.keyboard.press("Backspace")
    page.keyboard.press("Tab")
    expect(form(page).get_by_role("button", name="Revise")).to_be_focused()
    page.keyboard.press("Space")
    expect(reply(page)).to_contain_text("Revised to 3 to 8 ms; the first one counts.")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    expect(reply(page)).to_contain_text("✗ Give two numbers")


def test_the_reveal_knows_what_the_form_was_told(notebook):
    page = notebook([PREDICT.format(name="reveal"), "'not yet'"])
    page.get_by_role("spinbutton", name="from ms").fill("3")
    page.get_by_role("spinbutton", name="to ms").fill("8")
    form(page).get_by_role("button", name="Commit").click()
    expect(reply(page)).to_have_text("You predict 3 to 8 ms.")
    page.evaluate("""async () => {
        const panel = jupyterapp.shell.currentWidget;
        panel.content.widgets[1].model.sharedModel.setSource('reveal("browser_reveal.wait", 5)');
        panel.content.activeCellIndex = 1;
        await jupyterapp.commands.execute('notebook:run-cell');
    }""")
    expect(page.get_by_text("✓ Inside: you predicted 3 to 8 ms, and it came out")).to_be_visible()


def test_an_option_is_chosen_by_keyboard_and_the_notebook_keeps_its_cells(notebook):
    page = notebook([CHOOSE.format(name="choose")])
    cells = "jupyterapp.shell.currentWidget.content.widgets.length"
    before = page.evaluate(cells)
    form(page).get_by_role("button", name="Commit").click()
    expect(reply(page)).to_have_text("Choose one of the options first.")
    page.get_by_role("radio", name="a) one queue").focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="b) two queues")).to_be_checked()
    page.keyboard.type("abddx")  # in command mode these would add and delete cells
    assert page.evaluate(cells) == before
    page.keyboard.press("Enter")
    expect(reply(page)).to_have_text("You predict “two queues”.")


def test_a_quiz_explains_each_answer_and_tells_nothing_before(notebook):
    page = notebook([QUIZ.format(name="quiz")])
    expect(reply(page)).to_have_text("Not answered yet.")
    explanation = page.locator(".jp-OutputArea").get_by_text("Three and three")
    expect(explanation).to_have_count(0)
    page.get_by_role("radio", name="a) five").check()
    form(page).get_by_role("button", name="Check").click()
    expect(reply(page)).to_have_text("✗ Not so. Five is two more than three.")
    expect(explanation).to_have_count(0)
    page.get_by_role("radio", name="b) six").check()
    form(page).get_by_role("button", name="Check").click()
    expect(reply(page)).to_have_text("✓ Right. Three and three is six.")


def test_a_busy_kernel_is_said_and_the_answer_counts_later(notebook):
    page = notebook([PREDICT.format(name="busy"), "import time", "'later'"])
    expect(form(page)).to_be_visible()
    page.evaluate("""() => {
        const panel = jupyterapp.shell.currentWidget;
        panel.content.widgets[2].model.sharedModel.setSource('time.sleep(6)');
        panel.content.activeCellIndex = 2;
        jupyterapp.commands.execute('notebook:run-cell');
    }""")
    page.get_by_role("spinbutton", name="from ms").fill("3")
    page.get_by_role("spinbutton", name="to ms").fill("8")
    page.keyboard.press("Enter")
    expect(reply(page)).to_contain_text("Sent, but the kernel is busy")
    expect(reply(page)).to_have_text("You predict 3 to 8 ms.")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_stands_in_the_way_of_assistive_technology(notebook, violations, dark):
    name = "dark" if dark else "light"
    page = notebook(
        [
            PREDICT.format(name=name),
            CHOOSE.format(name=name),
            QUIZ.format(name=name),
            CHECK + 'examine("browser.double", DOUBLE, lambda number: TODO)',
            'examine("browser.double", DOUBLE, lambda number: print("hm\\nhm"))',
            'examine("browser.double", DOUBLE, lambda number: 2 * number)',
            'predict("browser.wait", "How long?", low=3, high=8)',
            "from helpers.checks import agreement, Row\n"
            'agreement(Row("n", formula=1, published=1, tolerance=0, because="x", source="y"))',
            "from helpers.checks import calibration, progress\nprogress()",
            "calibration()",
        ]
    )
    expect(form(page)).to_have_count(3)
    set_theme(page, dark)
    page.set_viewport_size({"width": 1000, "height": 3000})  # all of it, or it is not looked at
    page.get_by_role("spinbutton", name="from ms").focus()
    # JupyterLab's body has no height of its own, so axe takes everything in it for hidden text.
    page.evaluate("document.body.style.minHeight = '100vh'")
    assert violations(page, ".jp-OutputArea-output") == []


def test_without_a_kernel_the_cards_stand_alone(lab, page):
    """A saved notebook keeps neither widget views nor their state."""
    asking = predict("browser_saved.best", "Which waits less?", options=["one", "two"])
    verdict = examine("browser_saved.double", Check(cases=(Case((3,), expected=6),), shows=""), 3)
    outputs = [
        nbformat.v4.new_output(
            "execute_result",
            {"text/plain": str(card), "text/html": card._repr_html_()},
            execution_count=1,
        )
        for card in (asking.card(), verdict)
    ]
    cells = [nbformat.v4.new_code_cell("shown", outputs=[output]) for output in outputs]
    open_notebook(lab, page, lab.write(nbformat.v4.new_notebook(cells=cells)))
    expect(page.get_by_text("No prediction yet: commit with choice=…")).to_be_visible()
    expect(page.get_by_role("rowheader", name="a)")).to_be_visible()
    expect(page.get_by_text("✗ browser_saved.double: not yet right")).to_be_visible()
