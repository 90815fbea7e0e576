#include "platform/fleet/queue_order.h"

namespace millrace::fleet {

std::optional<std::size_t> next_to_start(const std::vector<WaitingJob>& waiting,
                                         const catalog::Resources& free,
                                         const std::map<std::int64_t, std::int64_t>& passes) {
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    const catalog::Resources& demand = waiting[i].demand;
    if (demand.cpus <= free.cpus && demand.memory_bytes <= free.memory_bytes) return i;
    const auto passed = passes.find(waiting[i].id);
    if (passed != passes.end() && passed->second >= kMaxPasses) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace millrace::fleet
