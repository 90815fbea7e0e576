#include "platform/hosting/endpoint_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json/json.h"

namespace millrace::hosting {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
namespace sm = wire::sagemaker;

Time at(std::int64_t seconds) {
  return from_millis(seconds * 1000);
}

Variant variant(const std::string& name, std::int64_t instances = 1) {
  Variant made{.config = {.variant_name = name, .initial_instance_count = instances},
               .model = {.model_name = "churn"}};
  return made;
}

Deployment deployment(const std::string& config, std::vector<Variant> variants) {
  return {.config_name = config, .variants = std::move(variants)};
}

Instance seen(const char* phase, const std::string& host = "algo-1",
              const std::string& reason = "") {
  return {.host = host, .phase = phase, .reason = reason};
}

/// An endpoint with the variant "a" in generation 1, in service since second 1.
EndpointState in_service(std::int64_t instances = 1) {
  EndpointState state;
  state.deploy(deployment("first", {variant("a", instances)}), at(0));
  for (std::int64_t i = 1; i <= instances; ++i)
    state.report(1, seen(phase::kHealthy, "algo-" + std::to_string(i)), at(1));
  return state;
}

std::vector<std::int64_t> leaving(const EndpointState& state) {
  std::vector<std::int64_t> generations;
  for (const Leaving& one : state.leaving) generations.push_back(one.generation);
  return generations;
}

TEST(EndpointState, IsInServiceWhenEveryInstanceIsHealthy) {
  EndpointState state;
  state.deploy(deployment("first", {variant("a", 2)}), at(0));
  EXPECT_EQ(state.status, "Creating");
  EXPECT_EQ(state.config_name, "first");
  state.report(1, seen(phase::kHealthy, "algo-2"), at(1));
  EXPECT_EQ(state.status, "Creating");
  state.report(1, seen(phase::kHealthy, "algo-1"), at(2));
  EXPECT_EQ(state.status, "InService");
  EXPECT_EQ(state.modified, at(2));
}

TEST(EndpointState, AHeartbeatThatSaysNothingNewChangesNothing) {
  EndpointState state = in_service();
  const EndpointState before = state;
  state.report(1, seen(phase::kHealthy), at(9));
  state.check_time(at(9));
  EXPECT_EQ(state, before);
}

TEST(EndpointState, AServerThatNeverComesUpFailsTheCreationWithItsReason) {
  EndpointState state;
  state.deploy(deployment("first", {variant("a")}), at(0));
  state.report(1, seen(phase::kEnded, "algo-1", "no answer to /ping"), at(5));
  EXPECT_EQ(state.status, "Failed");
  EXPECT_EQ(state.failure_reason, "Variant a: no answer to /ping");
  EXPECT_THAT(leaving(state), ElementsAre(1));
  EXPECT_EQ(state.config_name, "first");
}

TEST(EndpointState, AnUpdateTakesTheTrafficOnlyWhenItsInstancesAreHealthy) {
  EndpointState state = in_service();
  state.deploy(deployment("second", {variant("a")}), at(2));
  EXPECT_EQ(state.status, "Updating");
  EXPECT_EQ(state.current->variants.front().generation, 1);
  EXPECT_EQ(state.config_name, "first");
  state.report(2, seen(phase::kHealthy), at(3));
  EXPECT_EQ(state.status, "InService");
  EXPECT_EQ(state.config_name, "second");
  EXPECT_EQ(state.current->variants.front().generation, 2);
  EXPECT_THAT(leaving(state), ElementsAre(1));
  state.left(1, at(4));
  EXPECT_THAT(leaving(state), IsEmpty());
}

TEST(EndpointState, AFailedUpdateKeepsTheOldInstancesAndSaysWhy) {
  EndpointState state = in_service();
  state.deploy(deployment("second", {variant("a")}), at(2));
  state.report(2, seen(phase::kEnded, "algo-1", "the model is broken"), at(3));
  EXPECT_EQ(state.status, "RollingBack");
  EXPECT_EQ(state.current->variants.front().generation, 1);
  EXPECT_THAT(leaving(state), ElementsAre(2));
  state.left(2, at(4));
  EXPECT_EQ(state.status, "InService");
  EXPECT_EQ(state.failure_reason, "Variant a: the model is broken");
  state.deploy(deployment("third", {variant("a")}), at(5));
  EXPECT_EQ(state.failure_reason, "");
}

TEST(EndpointState, AnUpdateThatTakesLongerThanItMayIsGivenUp) {
  EndpointState state = in_service();
  Deployment next = deployment("second", {variant("a")});
  next.how = {
      {.blue_green_update_policy = {{.traffic_routing_configuration = {.type = "ALL_AT_ONCE"},
                                     .maximum_execution_timeout_in_seconds = 600}}}};
  state.deploy(next, at(2));
  state.check_time(at(601));
  EXPECT_EQ(state.status, "Updating");
  state.check_time(at(602));
  EXPECT_EQ(state.status, "RollingBack");
  EXPECT_EQ(state.failure_reason, "The instances were not healthy within 600 s.");
}

TEST(EndpointState, ReplacedInstancesAreKeptForTheWaitsOfTheDeployment) {
  EndpointState state = in_service();
  Deployment next = deployment("second", {variant("a")});
  next.how = {{.blue_green_update_policy = {
                   {.traffic_routing_configuration = {.type = "ALL_AT_ONCE",
                                                      .wait_interval_in_seconds = 20},
                    .termination_wait_in_seconds = 30}}}};
  state.deploy(next, at(2));
  state.report(2, seen(phase::kHealthy), at(10));
  EXPECT_EQ(state.leaving.front().keep_until, at(60));
}

TEST(EndpointState, ACrashedServerShowsUntilItIsHealthyAgain) {
  EndpointState state = in_service();
  state.report(1, seen(phase::kUnhealthy, "algo-1", "exit status 1"), at(2));
  EXPECT_EQ(state.status, "SystemUpdating");
  EXPECT_EQ(state.current->variants.front().instances.front().reason, "exit status 1");
  state.report(1, seen(phase::kHealthy), at(3));
  EXPECT_EQ(state.status, "InService");
  EXPECT_EQ(state.current->variants.front().instances.front().reason, "");
}

TEST(EndpointState, OneOfTwoInstancesIsEnough) {
  EndpointState state = in_service(2);
  state.report(1, seen(phase::kUnhealthy, "algo-2", "exit status 1"), at(2));
  EXPECT_EQ(state.status, "InService");
  EXPECT_EQ(state.current->variants.front().healthy(), 1);
}

TEST(EndpointState, ALostSupervisorIsReplacedUntilTooManyAreLostInARow) {
  EndpointState state = in_service();
  EXPECT_TRUE(state.supervisor_lost(1, "algo-1", "killed", false, at(2)));
  EXPECT_EQ(state.status, "SystemUpdating");
  state.report(1, seen(phase::kHealthy), at(3));
  EXPECT_EQ(state.status, "InService");
  EXPECT_TRUE(state.supervisor_lost(1, "algo-1", "killed", false, at(4)));
  EXPECT_TRUE(state.supervisor_lost(1, "algo-1", "killed", false, at(5)));
  EXPECT_TRUE(state.supervisor_lost(1, "algo-1", "never ran", true, at(5)));
  EXPECT_FALSE(state.supervisor_lost(1, "algo-1", "killed again", false, at(6)));
  EXPECT_EQ(state.status, "OutOfService");
  EXPECT_EQ(state.reason(), "Variant a: killed again");
}

TEST(EndpointState, TheReasonOfAnOutageGoesWithItAndThatOfAFailedUpdateStays) {
  EndpointState state = in_service();
  state.deploy(deployment("second", {variant("a")}), at(2));
  state.report(2, seen(phase::kEnded, "algo-1", "the model is broken"), at(3));
  state.left(2, at(4));
  for (std::int64_t lost = 5; lost < 8; ++lost)
    state.supervisor_lost(1, "algo-1", "killed", false, at(lost));
  EXPECT_EQ(state.status, "OutOfService");
  EXPECT_EQ(state.reason(), "Variant a: killed");
  state.report(1, seen(phase::kHealthy), at(9));
  EXPECT_EQ(state.status, "InService");
  EXPECT_EQ(state.reason(), "Variant a: the model is broken");
}

TEST(EndpointState, LostSupervisorsFailAnUpdateThatNeedsThem) {
  EndpointState state = in_service();
  state.deploy(deployment("second", {variant("a")}), at(2));
  EXPECT_TRUE(state.supervisor_lost(2, "algo-1", "killed", false, at(3)));
  EXPECT_TRUE(state.supervisor_lost(2, "algo-1", "killed", false, at(4)));
  EXPECT_FALSE(state.supervisor_lost(2, "algo-1", "killed", false, at(5)));
  EXPECT_EQ(state.status, "RollingBack");
  EXPECT_FALSE(state.supervisor_lost(2, "algo-1", "killed", false, at(6)));
}

TEST(EndpointState, AnotherCountReplacesOnlyTheInstancesOfItsVariant) {
  EndpointState state;
  state.deploy(deployment("first", {variant("a"), variant("b")}), at(0));
  state.report(1, seen(phase::kHealthy), at(1));
  state.report(2, seen(phase::kHealthy), at(1));
  Deployment next = *state.current;
  next.variants[1].config.initial_instance_count = 2;
  next.variants[1].generation = 0;
  next.variants[1].instances.clear();
  state.deploy(next, at(2));
  // What happens to an instance that both deployments share is known to both.
  state.report(1, seen(phase::kUnhealthy, "algo-1", "x"), at(3));
  EXPECT_EQ(state.current->variants[0].healthy(), 0);
  state.report(1, seen(phase::kHealthy), at(4));
  state.report(3, seen(phase::kHealthy, "algo-1"), at(5));
  state.report(3, seen(phase::kHealthy, "algo-2"), at(5));
  EXPECT_EQ(state.status, "InService");
  EXPECT_EQ(state.current->variants[0].generation, 1);
  EXPECT_EQ(state.current->variants[1].generation, 3);
  EXPECT_THAT(leaving(state), ElementsAre(2));
}

TEST(EndpointState, OtherWeightsAloneTakeEffectAtOnce) {
  EndpointState state = in_service();
  Deployment next = *state.current;
  next.variants[0].weight = 3;
  state.deploy(next, at(2));
  EXPECT_EQ(state.status, "InService");
  EXPECT_EQ(state.current->variants[0].weight, 3);
  EXPECT_THAT(leaving(state), IsEmpty());
}

TEST(EndpointState, WhatIsDeletedLeavesAltogether) {
  EndpointState state = in_service();
  state.deploy(deployment("second", {variant("a")}), at(2));
  state.remove(at(3));
  EXPECT_EQ(state.status, "Deleting");
  EXPECT_THAT(leaving(state), testing::UnorderedElementsAre(1, 2));
  EXPECT_FALSE(state.current || state.pending);
}

TEST(EndpointState, ComesBackFromItsJsonForm) {
  EndpointState state = in_service(2);
  Deployment next = deployment("second", {variant("a"), variant("b")});
  next.network_isolation = true;
  next.how = {
      {.blue_green_update_policy = {{.traffic_routing_configuration = {.type = "ALL_AT_ONCE"}}}}};
  state.deploy(next, at(2));
  state.ticket_taken(2, "algo-1", "a/i-1", at(3));
  state.report(1, seen(phase::kUnhealthy, "algo-2", "ü\n"), at(3));
  state.leaving.push_back({.variant = "z", .generation = 9, .rolled_back = true});
  EXPECT_EQ(endpoint_state_from_json(parse_json(to_text(to_json(state)), "state")), state);
}

}  // namespace
}  // namespace millrace::hosting
