"""The pages of time: calendar, clock register, clocks, supervision, figures."""
