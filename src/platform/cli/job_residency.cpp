#include "platform/cli/job_residency.h"

#include <iostream>
#include <optional>
#include <vector>

#include "core/base/text.h"
#include "core/base/time.h"
#include "core/json/json.h"
#include "generated/aws/control/operations.h"
#include "platform/cli/table.h"

namespace millrace::cli {
namespace {

namespace control = wire::control;
using control::NetworkKind;

std::string count(const std::optional<std::int64_t>& number) {
  return number ? std::to_string(*number) : "not counted";
}

std::string bytes(const std::optional<std::int64_t>& number) {
  return number ? human_bytes(static_cast<std::uint64_t>(*number)) : "";
}

std::string in_words(const std::string& kind) {
  if (kind == NetworkKind::Private) return "a network of its own, in which the daemon answers";
  if (kind == NetworkKind::Isolated) return "a network of its own, in which nothing answers";
  return "this machine's network";
}

void print_network(const control::JobNetwork& network) {
  if (network.kinds.empty()) {
    std::cout << "network                no program has run yet\n";
    return;
  }
  std::vector<std::string> kinds;
  for (const std::string& kind : network.kinds) kinds.push_back(in_words(kind));
  std::cout << "network                " << join(kinds, "; ") << '\n'
            << "outbound connections   " << count(network.outbound_connections) << '\n'
            << "refused attempts       " << count(network.refused_attempts) << '\n'
            << "to the daemon          " << count(network.daemon_connections) << '\n';
}

void print_accesses(const char* title, const std::vector<control::AccessSummary>& accesses) {
  std::cout << '\n' << title << '\n';
  if (accesses.empty()) {
    std::cout << "  none\n";
    return;
  }
  std::vector<std::vector<std::string>> rows;
  for (const control::AccessSummary& access : accesses) {
    rows.push_back({access.action, access.resource, std::to_string(access.requests),
                    access.refused ? std::to_string(*access.refused) : "",
                    iso8601_seconds(access.last), access.who});
  }
  std::cout << aligned({"ACTION", "RESOURCE", "REQUESTS", "REFUSED", "LAST", "WHO"}, rows);
}

void print_places(const std::vector<control::JobPlace>& places) {
  std::cout << "\nplaces\n";
  std::vector<std::vector<std::string>> rows;
  for (const control::JobPlace& place : places) {
    rows.push_back({place.access, place.place, place.by,
                    place.objects ? std::to_string(*place.objects) : "", bytes(place.bytes),
                    std::to_string(place.hosts)});
  }
  std::cout << aligned({"ACCESS", "PLACE", "FOR", "OBJECTS", "BYTES", "HOSTS"}, rows);
}

}  // namespace

void print_residency(aws::Client client, const ResidencyOptions& options) {
  const auto report = client.call<control::ops::DescribeJobResidency>(
      {.job_name = options.name, .readers = options.readers});
  if (options.json) {
    Json document;
    to_json(document, report);
    std::cout << document.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
    return;
  }
  std::cout << "job                    " << report.job_name << " (" << report.status << ")\n";
  print_network(report.network);
  print_places(report.places);
  print_accesses("requests with the job's keys", report.requests);
  if (report.readers) print_accesses("read by others", *report.readers);
  if (!report.requests_complete) {
    std::cout
        << "\nThe audit log of these days is not complete: there may have been more requests.\n";
  }
}

}  // namespace millrace::cli
