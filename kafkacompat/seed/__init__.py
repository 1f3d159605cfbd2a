"""A cluster's content as a file: topics, configurations, users, groups, records."""
