//! Names that say nothing.

struct RolloutManager;
enum PodData {}
trait Helper {}
struct Datum;
struct DataLoss;
// A struct PlanUtil would be worse.
