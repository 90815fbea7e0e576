#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "core/base/refuse.h"
#include "core/base/text.h"
#include "core/base/time.h"
#include "generated/aws/control/operations.h"
#include "platform/cli/commands.h"
#include "platform/cli/connection.h"
#include "platform/cli/outposts_commands.h"
#include "platform/cli/table.h"

namespace millrace::cli {
namespace {

namespace control = wire::control;

/// "subnet-...=vpc-..."
control::OutpostSubnet subnet_of(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos) {
    refuse("option --subnet", text, "a subnet and its VPC, subnet-ID=vpc-ID",
           "For instance --subnet subnet-01234567=vpc-89abcdef.");
  }
  return {.subnet_id = text.substr(0, equals), .vpc_id = text.substr(equals + 1)};
}

void add(aws::Client client, const std::string& id, const std::vector<std::string>& subnets) {
  control::RegisterOutpostRequest request{.outpost_id = id};
  for (const std::string& subnet : subnets) {
    if (!request.subnets) request.subnets.emplace();
    request.subnets->push_back(subnet_of(subnet));
  }
  client.call<control::ops::RegisterOutpost>(request);
  std::cout << id << " is an Outpost of this installation\n";
}

void list(aws::Client client) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& one : client.call<control::ops::ListRegisteredOutposts>({}).outposts) {
    std::vector<std::string> subnets;
    for (const auto& subnet : one.subnets)
      subnets.push_back(subnet.subnet_id + "=" + subnet.vpc_id);
    rows.push_back({one.outpost_id, iso8601_seconds(one.creation_time),
                    std::to_string(one.endpoints), std::to_string(one.buckets),
                    subnets.empty() ? "any" : join(subnets, " ")});
  }
  std::cout << aligned({"ID", "ADDED", "ENDPOINTS", "BUCKETS", "SUBNETS"}, rows);
}

void remove(aws::Client client, const std::string& id) {
  client.call<control::ops::DeregisterOutpost>({.outpost_id = id});
  std::cout << id << " is removed\n";
}

}  // namespace

void add_outposts_commands(CLI::App& app, std::filesystem::path& data_dir) {
  CLI::App* noun = app.add_subcommand(
      "outposts", "Outposts, whose S3 buckets are reached through access points");
  noun->require_subcommand(1);
  noun->footer(
      "Every installation has one from its first start on.\n\n"
      "Examples:\n"
      "  millrace outposts list\n"
      "  millrace outposts add op-01ac5d28a6a232904\n"
      "  millrace outposts remove op-01ac5d28a6a232904\n");

  auto id = std::make_shared<std::string>();
  auto subnets = std::make_shared<std::vector<std::string>>();
  CLI::App* add_verb = noun->add_subcommand("add", "Take the id of a further Outpost");
  add_verb->footer(
      "For scripts that name an Outpost already. It is a name under which buckets are kept apart; "
      "their objects lie\n"
      "with all others. With --subnet, endpoints may name these subnets only and show their VPCs; "
      "without, any.\n\n"
      "Examples:\n"
      "  millrace outposts add op-01ac5d28a6a232904\n"
      "  millrace outposts add op-01ac5d28a6a232904 --subnet subnet-01234567=vpc-89abcdef\n");
  add_verb->add_option("id", *id, "op- and 17 hexadecimal digits")->required();
  add_verb->add_option("--subnet", *subnets, "A subnet of the Outpost and its VPC; repeatable")
      ->type_name("SUBNET=VPC");
  add_data_dir_option(*add_verb, data_dir);
  add_verb->callback([&data_dir, id, subnets] { add(connect(data_dir), *id, *subnets); });

  CLI::App* list_verb = noun->add_subcommand("list", "All Outposts and what is on them");
  list_verb->footer("Example:\n  millrace outposts list\n");
  add_data_dir_option(*list_verb, data_dir);
  list_verb->callback([&data_dir] { list(connect(data_dir)); });

  CLI::App* remove_verb =
      noun->add_subcommand("remove", "Forget an Outpost that has neither buckets nor endpoints");
  remove_verb->footer("Example:\n  millrace outposts remove op-01ac5d28a6a232904\n");
  remove_verb->add_option("id", *id, "Its id")->required();
  add_data_dir_option(*remove_verb, data_dir);
  remove_verb->callback([&data_dir, id] { remove(connect(data_dir), *id); });
}

}  // namespace millrace::cli
