import '../mnt-panel.ts';
import './page.css';
import { mount } from 'svelte';
import { sessionFor } from '../mnt-panel.ts';
import { takeToken } from './token-fragment.ts';
import Page from './Page.svelte';

const session = sessionFor(null);
session.tokens.set(takeToken(window.location, window.history));

const target = document.getElementById('app');
if (target) mount(Page, { target, props: { session } });
