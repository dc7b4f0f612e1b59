import sys; sys.path[:0]=['/work/main/bench/seam','/work/main/server']
import bench_seam as b
from inlay.fidelity import harmonize
for s in (11,12):
    r=b.run(harmonize,seed=s,n=12,timing=False,verbose=False)
    print(s,{k:round(v,1) for k,v in r['summary']['groups'].items()}); print([(q['name'],round(q['score'],1)) for q in r['cases'] if q['group']=='intent_obj'])
