"""Script mode: runs users' training scripts and model code under the SageMaker container contract."""
