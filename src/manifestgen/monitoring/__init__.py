"""What is watched and when somebody is told: scrape jobs, recording rules and alerts, as plain data."""
