"use strict";(self.rspackChunk_worksample_panel=self.rspackChunk_worksample_panel||[]).push([[266],{646(e,r,o){var a=o(601),n=o.n(a),t=o(314),l=o.n(t),p=o(724),s=l()(n());s.i(p.A),s.push([e.id,`
`,""]),o.d(r,{},{A:s})},724(e,r,o){var a=o(601),n=o.n(a),t=o(314),l=(o.n(t))()(n());l.push([e.id,`/* Colours are JupyterLab's own, so that light and dark are as its theme; sizes grow with the text. */
.worksample-panel {
  --worksample-ink: var(--jp-ui-font-color1);
  --worksample-edge: var(--jp-border-color1);
  background: var(--jp-layout-color1);
  color: var(--worksample-ink);
  font-family: var(--jp-ui-font-family);
  font-size: 14px;
  line-height: 1.45;
  overflow: hidden auto;
  padding: 4px 16px 32px;
}
/* JupyterLab gives its side panels a width, by an id and a class */
#worksample-panel.worksample-panel.lm-Widget { min-width: clamp(260px, 44vw, 340px); }
.worksample-panel h2, .worksample-panel h3, .worksample-panel h4 { color: inherit; line-height: 1.25; margin: 1.1em 0 0.4em; }
.worksample-panel h2 { font-size: 1.25em; margin-top: 0.7em; }
.worksample-panel h3 { font-size: 1.1em; }
.worksample-panel h4 { font-size: 1em; }
.worksample-panel p { margin: 0.5em 0; overflow-wrap: anywhere; }
.worksample-panel ul, .worksample-panel ol { margin: 0.5em 0; padding-left: 1.3em; }
.worksample-panel li { margin: 0.25em 0; overflow-wrap: anywhere; }
.worksample-panel a { color: var(--jp-content-link-color); text-decoration: underline; }
.worksample-panel > section, .worksample-attempt { border-top: 1px solid var(--worksample-edge); margin-top: 1em; }

.worksample-panel button { border: 1px solid currentcolor; border-radius: 3px; cursor: pointer; font: inherit; margin: 0.4em 0.5em 0.4em 0; min-height: 32px; padding: 4px 14px; }
.worksample-panel .worksample-main { background: var(--jp-inverse-layout-color1); border-color: transparent; color: var(--jp-ui-inverse-font-color0); font-weight: 600; }
.worksample-panel .worksample-quiet { background: transparent; color: var(--worksample-ink); }
.worksample-panel button:hover { text-decoration: underline; }
.worksample-panel button[aria-disabled='true'] { cursor: default; opacity: 0.75; }
.worksample-panel textarea { background: var(--jp-input-background); border: 1px solid var(--jp-ui-font-color2); box-sizing: border-box; color: inherit; display: block; font: inherit; padding: 6px 8px; resize: vertical; width: 100%; }
.worksample-panel label { display: block; font-weight: 600; margin: 0.6em 0 0.2em; }
.worksample-panel summary { cursor: pointer; padding: 4px 0; }
.worksample-panel :focus-visible { outline: 2px solid var(--worksample-ink); outline-offset: 2px; }
.worksample-panel h2:focus, .worksample-panel h4:focus, .worksample-confirm:focus { outline: none; }
.worksample-panel h2:focus-visible, .worksample-panel h4:focus-visible, .worksample-confirm:focus-visible { outline: 2px solid var(--worksample-ink); outline-offset: 2px; }

.worksample-small { color: var(--worksample-ink); font-size: 0.9em; }
.worksample-text { white-space: pre-wrap; }
.worksample-code { font-family: var(--jp-code-font-family); font-size: 0.9em; overflow-wrap: anywhere; }
.worksample-notice { background: var(--jp-layout-color2); margin: 0.8em 0; padding: 0.2em 12px 0.6em; }
.worksample-time { border-left: 4px solid var(--worksample-ink); margin: 0.8em 0; padding: 0.1em 12px; }
.worksample-left { font-size: 1.3em; }
.worksample-trouble { border: 2px solid var(--worksample-ink); margin: 0.8em 0; padding: 0 12px 0.4em; }
.worksample-wrong { border-left: 6px double var(--worksample-ink); padding: 0.2em 10px; }
.worksample-confirm { border: 1px dashed var(--worksample-ink); margin: 0.8em 0; padding: 0.4em 12px; }
.worksample-receipt { border: 1px solid var(--worksample-edge); margin: 0.8em 0; padding: 0 12px; }
.worksample-question { border-bottom: 1px solid var(--worksample-edge); }
.worksample-question blockquote { border-left: 3px solid var(--worksample-edge); margin: 0.4em 0; padding-left: 10px; }
.worksample-panel .worksample-tasks { list-style: none; padding: 0; }
.worksample-tasks > li { display: flex; gap: 0.5em; margin: 0.5em 0; }
.worksample-sign { flex: none; width: 1.1em; }
.worksample-state { border-bottom: 1px dotted currentcolor; font-style: normal; font-size: 0.9em; white-space: nowrap; }
.worksample-panel .worksample-check { font-size: 0.9em; margin: 0.15em 0; }
.worksample-panel .worksample-receipts, .worksample-panel .worksample-columns { list-style: none; padding: 0; }
.worksample-columns { columns: 9em; font-size: 0.9em; }
.worksample-spoken { clip-path: inset(50%); height: 1px; overflow: hidden; position: absolute; width: 1px; }
`,""]),o.d(r,{},{A:l})},314(e){e.exports=function(e){var r=[];return r.toString=function(){return this.map(function(r){var o="",a=void 0!==r[5];return r[4]&&(o+="@supports (".concat(r[4],") {")),r[2]&&(o+="@media ".concat(r[2]," {")),a&&(o+="@layer".concat(r[5].length>0?" ".concat(r[5]):""," {")),o+=e(r),a&&(o+="}"),r[2]&&(o+="}"),r[4]&&(o+="}"),o}).join("")},r.i=function(e,o,a,n,t){"string"==typeof e&&(e=[[null,e,void 0]]);var l={};if(a)for(var p=0;p<this.length;p++){var s=this[p][0];null!=s&&(l[s]=!0)}for(var i=0;i<e.length;i++){var m=[].concat(e[i]);a&&l[m[0]]||(void 0!==t&&(void 0===m[5]||(m[1]="@layer".concat(m[5].length>0?" ".concat(m[5]):""," {").concat(m[1],"}")),m[5]=t),o&&(m[2]&&(m[1]="@media ".concat(m[2]," {").concat(m[1],"}")),m[2]=o),n&&(m[4]?(m[1]="@supports (".concat(m[4],") {").concat(m[1],"}"),m[4]=n):m[4]="".concat(n)),r.push(m))}},r}},601(e){e.exports=function(e){return e[1]}},665(e,r,o){o.r(r);var a=o(72),n=o.n(a),t=o(825),l=o.n(t),p=o(659),s=o.n(p),i=o(56),m=o.n(i),c=o(540),d=o.n(c),u=o(113),f=o.n(u),w=o(646),k={};k.styleTagTransform=f(),k.setAttributes=m(),k.insert=s().bind(null,"head"),k.domAPI=l(),k.insertStyleElement=d(),n()(w.A,k);let v=w.A&&w.A.locals?w.A.locals:void 0;o.d(r,{},{default:v})},72(e){var r=[];function o(e){for(var o=-1,a=0;a<r.length;a++)if(r[a].identifier===e){o=a;break}return o}function a(e,a){for(var n={},t=[],l=0;l<e.length;l++){var p=e[l],s=a.base?p[0]+a.base:p[0],i=n[s]||0,m="".concat(s," ").concat(i);n[s]=i+1;var c=o(m),d={css:p[1],media:p[2],sourceMap:p[3],supports:p[4],layer:p[5]};if(-1!==c)r[c].references++,r[c].updater(d);else{var u=function(e,r){var o=r.domAPI(r);return o.update(e),function(r){r?(r.css!==e.css||r.media!==e.media||r.sourceMap!==e.sourceMap||r.supports!==e.supports||r.layer!==e.layer)&&o.update(e=r):o.remove()}}(d,a);a.byIndex=l,r.splice(l,0,{identifier:m,updater:u,references:1})}t.push(m)}return t}e.exports=function(e,n){var t=a(e=e||[],n=n||{});return function(e){e=e||[];for(var l=0;l<t.length;l++){var p=o(t[l]);r[p].references--}for(var s=a(e,n),i=0;i<t.length;i++){var m=o(t[i]);0===r[m].references&&(r[m].updater(),r.splice(m,1))}t=s}}},659(e){var r={};e.exports=function(e,o){var a=function(e){if(void 0===r[e]){var o=document.querySelector(e);if(window.HTMLIFrameElement&&o instanceof window.HTMLIFrameElement)try{o=o.contentDocument.head}catch(e){o=null}r[e]=o}return r[e]}(e);if(!a)throw Error("Couldn't find a style target. This probably means that the value for the 'insert' parameter is invalid.");a.appendChild(o)}},540(e){e.exports=function(e){var r=document.createElement("style");return e.setAttributes(r,e.attributes),e.insert(r,e.options),r}},56(e,r,o){e.exports=function(e){var r=o.nc;r&&e.setAttribute("nonce",r)}},825(e){e.exports=function(e){if("u"<typeof document)return{update:function(){},remove:function(){}};var r=e.insertStyleElement(e);return{update:function(o){var a,n,t;a="",o.supports&&(a+="@supports (".concat(o.supports,") {")),o.media&&(a+="@media ".concat(o.media," {")),(n=void 0!==o.layer)&&(a+="@layer".concat(o.layer.length>0?" ".concat(o.layer):""," {")),a+=o.css,n&&(a+="}"),o.media&&(a+="}"),o.supports&&(a+="}"),(t=o.sourceMap)&&"u">typeof btoa&&(a+="\n/*# sourceMappingURL=data:application/json;base64,".concat(btoa(unescape(encodeURIComponent(JSON.stringify(t))))," */")),e.styleTagTransform(a,r,e.options)},remove:function(){var e;null===(e=r).parentNode||e.parentNode.removeChild(e)}}}},113(e){e.exports=function(e,r){if(r.styleSheet)r.styleSheet.cssText=e;else{for(;r.firstChild;)r.removeChild(r.firstChild);r.appendChild(document.createTextNode(e))}}}}]);