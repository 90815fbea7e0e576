#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/schema/schema.h"
#include "trainer/job/algorithm.h"

namespace millrace {

/// A channel of rows: text/csv or application/x-recordio-protobuf, in every mode.
ChannelSpec row_channel(const char* name, bool required, const char* doc);

/// The published metrics of MetricLog's lines of progress and throughput.
MetricSpec progress_metric();
MetricSpec throughput_metric();

/// The lines with which the containers of the tabular algorithms begin: default, given and final
/// configuration.
void log_configuration(Job& job, const std::string& algorithm,
                       const std::vector<FieldSpec>& fields);
void log_final_configuration(Job& job, const std::map<std::string, std::string>& effective);

/// Parses the job's hyperparameters and logs what came and what holds. Throws what
/// Schema::parse throws.
template <class H>
H read_settings(Job& job, const Schema<H>& schema) {
  log_configuration(job, schema.owner(), schema.fields());
  H parsed = schema.parse(job.hyperparameters());
  log_final_configuration(job, schema.values_of(parsed));
  return parsed;
}

/// Refuses channels that the algorithm does not have, misses and content types that are not
/// tabular; and, where they can be looked at before training, files that are empty or whose first
/// row is malformed or has other than `feature_dim` features. Every channel has `label_size`
/// leading columns, or as many as `label_sizes` says by its name. Channels of the algorithm that
/// hold no rows are left to it. Throws Error(Customer).
void check_tabular_channels(const Job& job, const Algorithm& algorithm, std::int64_t label_size,
                            std::optional<std::int64_t> feature_dim);
void check_tabular_channels(const Job& job, const Algorithm& algorithm,
                            const std::map<std::string, std::int64_t>& label_sizes,
                            std::optional<std::int64_t> feature_dim);

}  // namespace millrace
