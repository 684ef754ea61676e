from .conftest import *
from .latency import measure_latency, WATCH
import numpy as np
MINE="from sample import explore\nexplore()"
def test_dbg(lab, new_page):
        page=new_page()
        run_notebook(lab, page, lab.write(new_notebook([MINE])))
        s=page.get_by_role("slider").first; s.wait_for()
        page.evaluate("()=>{const s=document.querySelector('.course-explorer input'); s.addEventListener('keydown',e=>TT.push(['key',e.timeStamp]),true); document.querySelector('.course-explorer img').addEventListener('load',()=>{TT.push(['load',performance.now()]);requestAnimationFrame(()=>TT.push(['raf',performance.now()]))}); }")
        t=measure_latency(page, s, 60); print("\n", np.quantile(t,[.05,.5,.95]).round(), Path('/proc/loadavg').read_text())
        page.wait_for_timeout(500)
        T=page.evaluate("TT"); rows=[]; cur={}
        for n,v in T:
            if n=='key':
                if len(cur)==6: rows.append(cur)
                cur={}
            cur[n]=v
        d=lambda a,b: np.quantile([r[b]-r[a] for r in rows],[.1,.5,.95]).round(1)
        for a,b in (('key','send'),('send','frame'),('frame','decoded'),('decoded','load'),('load','raf')): print(a,b,d(a,b))
        shut_down(page); page.close()
