"""Letters: templates the office owns, filled with the facts of a case, set as PDF and kept with it.

Data goes one way: `template` reads what somebody wrote → `versions` keep it → `facts` gather what it may say → `filling`
puts them in → `paper` sets it → `issuing` keeps it as an attachment → `listing` shows it.
"""
