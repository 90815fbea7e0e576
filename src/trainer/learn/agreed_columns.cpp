#include "trainer/learn/agreed_columns.h"

#include <string>
#include <vector>

#include "core/base/error.h"

namespace millrace {

void agree_on_columns(Cluster& cluster, TabularChannel& channel) {
  std::vector<double> widths(static_cast<std::size_t>(cluster.size()));
  widths[static_cast<std::size_t>(cluster.rank())] =
      static_cast<double>(channel.columns().value_or(0));
  cluster.sum(widths);
  for (const double width : widths) {
    const auto theirs = static_cast<std::int64_t>(width);
    if (theirs == 0) continue;
    if (!channel.columns()) channel.set_columns(theirs);
    if (*channel.columns() == theirs) continue;
    throw Error(Blame::Customer,
                Problem{.where = "channel '" + channel.name() + "'",
                        .given = std::to_string(*channel.columns()) + " features on this host",
                        .expected = std::to_string(theirs) + ", as on another host",
                        .fix = "Give all files of the channel the same columns."});
  }
}

}  // namespace millrace
