"""How long a reader waits: from a key to painted pixels."""

from playwright.sync_api import Locator, Page

WATCH = """slider => {
    const image = slider.closest('.course-explorer').querySelector('img');
    const channel = new MessageChannel();
    const watch = window.courseLatency = { times: [] };
    let pressed;
    watch.onkey = event => { pressed = event.timeStamp; };
    watch.onload = () => requestAnimationFrame(() => channel.port2.postMessage(pressed));
    channel.port1.onmessage = event => watch.times.push(performance.now() - event.data);
    watch.stop = () => {
        slider.removeEventListener('keydown', watch.onkey);
        image.removeEventListener('load', watch.onload);
        channel.port1.close();
    };
    slider.addEventListener('keydown', watch.onkey);
    image.addEventListener('load', watch.onload);
}"""


def measure_latency(page: Page, slider: Locator | None = None, steps: int = 90) -> list[float]:
    """Step a slider by its arrow keys and time each step.

    Parameters
    ----------
    page
        A page on which an explorer runs.
    slider
        The slider to step; the first of the page by default. Each step has to change the picture.
    steps
        How many steps, to the right from the left end and back where it ends.

    Returns
    -------
    Milliseconds from each key event until the new picture was painted, in order.
    """
    slider = slider or page.get_by_role("slider").first
    slider.focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(1000)
    slider.evaluate(WATCH)
    last = int(slider.get_attribute("max") or 0)
    for step in range(steps):
        page.keyboard.press("ArrowRight" if step // last % 2 == 0 else "ArrowLeft")
        page.wait_for_function("count => courseLatency.times.length > count", arg=step)
    times = page.evaluate("() => { courseLatency.stop(); return courseLatency.times; }")
    return [float(time) for time in times]
