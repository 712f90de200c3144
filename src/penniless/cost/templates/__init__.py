"""Templates of SAM and CloudFormation, read into plain resources whose values are known."""
