# Script, event handlers, frames and a widget in outputs.
#
# It stays text until somebody shows it; it must come out whole and of known shape, to be cleaned
# there.
#
# [expect]
# outputs_sound = true

# %% cell="attack"
from IPython.display import HTML, SVG, Javascript, Markdown, display

display(HTML("<script>document.title='owned'</script><img src=x onerror=alert(1)>"))
display(Javascript("alert(1)"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"))
display(Markdown("[x](javascript:alert(1)) <iframe src='//example.org'></iframe>"))
print("\x1b]0;title\x07\x1b[31mred")
