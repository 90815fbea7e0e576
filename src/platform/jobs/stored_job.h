#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "core/base/arn.h"
#include "core/base/text.h"
#include "core/json/json.h"
#include "platform/jobs/job_state.h"
#include "platform/records/jobs.h"

namespace millrace::jobs {

/// arn:aws:sagemaker:<region>:<account>:<type>/<name in lower case>
inline std::string job_arn(std::string_view type, std::string_view region, std::string_view account,
                           std::string_view name) {
  return Arn{.service = "sagemaker",
             .region = std::string(region),
             .account = std::string(account),
             .resource = std::string(type) + "/" + to_lower(name)}
      .text();
}

/// A job of any kind as its row has it: account, region, created, request, state. `noun` is for
/// messages.
template <class Record>
Record stored_job(const records::JobRow& row, std::string_view noun) {
  constexpr JsonLimits kStored{.max_bytes = 64 * 1024 * 1024, .max_depth = 64};  // written by us
  Record record{.account = row.summary.account,
                .region = row.summary.region,
                .created = row.summary.created_at,
                .request = {},
                .state = state_from_json(parse_json(row.state, noun, kStored))};
  from_json(parse_json(row.request, noun, kStored), record.request);
  return record;
}

/// The other way; `algorithm` is what the job table shows.
template <class Record>
records::JobRow stored_row(const Record& record, std::string algorithm) {
  Json request;
  to_json(request, record.request);
  return {.summary = {.account = record.account,
                      .name = record.name(),
                      .region = record.region,
                      .status = record.state.status,
                      .algorithm = std::move(algorithm),
                      .created_at = record.created,
                      .modified_at = record.state.modified,
                      .ended_at = record.state.training_end},
          .request = to_text(request),
          .state = to_text(to_json(record.state))};
}

}  // namespace millrace::jobs
