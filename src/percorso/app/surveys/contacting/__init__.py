"""Who asked, on a survey's page of thanks, to be contacted; and that they were."""
