"""Repairs to MiniStack for the rehearsal: IAM questions, SageMaker events, and Step Functions as AWS runs it."""
