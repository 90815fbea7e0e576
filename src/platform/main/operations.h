#pragma once

#include "platform/aws/dispatch.h"
#include "platform/catalog/file_systems.h"
#include "platform/catalog/images.h"
#include "platform/console/sign_in_links.h"
#include "platform/ecr/repositories.h"
#include "platform/hosting/endpoint_configs.h"
#include "platform/hosting/endpoints.h"
#include "platform/hosting/invocations.h"
#include "platform/hosting/models.h"
#include "platform/identity/iam.h"
#include "platform/identity/users.h"
#include "platform/jobs/processing_jobs.h"
#include "platform/jobs/residency.h"
#include "platform/jobs/supervision.h"
#include "platform/jobs/training_jobs.h"
#include "platform/jobs/trial_metrics.h"
#include "platform/logs/logs.h"
#include "platform/metrics/metrics.h"
#include "platform/outposts/access_points.h"
#include "platform/outposts/buckets.h"
#include "platform/outposts/endpoints.h"
#include "platform/outposts/registry.h"
#include "platform/store/store.h"
#include "platform/tags/tags.h"
#include "platform/transform/transform_jobs.h"

namespace millrace {

/// The rooms that answer operations.
struct Services {
  store::Store& store;
  jobs::TrainingJobs& training_jobs;
  jobs::TrialMetrics& trial_metrics;
  jobs::ProcessingJobs& processing_jobs;
  jobs::SupervisorDesk& supervisors;
  jobs::Residency& residency;
  hosting::Models& models;
  hosting::EndpointConfigs& endpoint_configs;
  hosting::Endpoints& endpoints;
  hosting::Invocations& invocations;
  transform::TransformJobs& transform_jobs;
  tags::Tags& tags;
  logs::Logs& logs;
  metrics::Metrics& metrics;
  identity::Iam& iam;
  identity::Users& users;
  catalog::Images& images;
  ecr::Repositories& repositories;
  catalog::FileSystems& file_systems;
  outposts::Registry& outposts;
  outposts::Endpoints& outpost_endpoints;
  outposts::Buckets& outpost_buckets;
  outposts::AccessPoints& access_points;
  console::SignInLinks& console_links;
};

/// The table of contents of the API: binds every operation of models/operations.txt to the method
/// that answers it.
void bind_operations(aws::Dispatch& dispatch, Services services);

}  // namespace millrace
