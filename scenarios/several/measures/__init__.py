"""The measures of a policy: which questions answer each, and what their latest runs found."""
