"""Process drafts: bundles of diagrams, decisions and forms that process owners work on before they are deployed.

Every process owner sees every draft and may save into it; a file is saved on the revision it goes on from, so that nobody
overwrites what somebody else has saved meanwhile. Only its owner drops a draft. What is saved is kept in revisions.

The trail says who began, dropped, submitted, decided and deployed a draft. An editor saves every few seconds, and that is
no step of its own: whoever works on a draft leaves one line per stretch of work (`keeping.STRETCH`), with the file and the
revision it began with; which revision is whose stands with the revisions themselves.
"""
