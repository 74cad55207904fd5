use std::time::{Duration, Instant};
use backout::sim::*; use backout::domain::metrics::*;
#[test] fn t() {
  for (n,d) in drills() { let d=d.unwrap(); let t=Instant::now(); let p=Production::load(&d); println!("{n} load {:?}", t.elapsed());
   let now=p.now().wall;
   for (w,s) in [(3600,5),(7*86400,300)] { let t=Instant::now(); let _=p.curves(&MetricsRequest{signal:Signal::ErrorRatio,namespace:"prod".into(),from:now-chrono::TimeDelta::seconds(w),to:now,step:Duration::from_secs(s)}); println!("  curves {w}/{s} {:?}", t.elapsed());}
   let t=Instant::now(); let _=p.alerts(); println!("  alerts {:?}", t.elapsed());
  }
}
