//! Files become a validated configuration and runbook; every mistake is named by file, line and key, with its cure.
