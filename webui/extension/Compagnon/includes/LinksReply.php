<?php

namespace MediaWiki\Extension\Compagnon;

use MediaWiki\Permissions\Authority;
use Title;
use TitleFactory;

/**
 * What is suggested to an editor. A suggestion whose edit would do anything but make its link is left out.
 */
class LinksReply {

	private const MOST_SUGGESTIONS = 10;
	private const MOST_SEE_ALSO = 5;
	private const MOST_ANSWERED = 40;

	/** @var VisiblePages */
	private $pages;

	/** @var TitleFactory */
	private $titles;

	/**
	 * @param VisiblePages $pages
	 * @param TitleFactory $titles
	 */
	public function __construct( VisiblePages $pages, $titles ) {
		$this->pages = $pages;
		$this->titles = $titles;
	}

	/**
	 * Read the service's answer.
	 *
	 * @param array $data
	 * @return array
	 * @throws ServiceAwayException It is not what was asked for
	 */
	public static function read( array $data ): array {
		return [
			'pageid' => Shape::number( $data, 'pageid' ),
			'revid' => Shape::number( $data, 'revid' ),
			'stale' => Shape::flag( $data, 'stale' ),
			'suggestions' => Shape::listOf( $data, 'suggestions', self::MOST_ANSWERED, static function ( $item ) {
				return [
					'link_text' => Shape::text( $item, 'link_text', 255 ),
					'target_pageid' => Shape::number( $item, 'target_pageid', 1 ),
					'score' => Shape::score( $item, 'score' ),
					'context_before' => Shape::text( $item, 'context_before', 200 ),
					'context_after' => Shape::text( $item, 'context_after', 200 ),
					'edit' => self::readEdit( $item ),
				];
			} ),
			'see_also' => Shape::listOf( $data, 'see_also', self::MOST_ANSWERED, static function ( $item ) {
				return [
					'pageid' => Shape::number( $item, 'pageid', 1 ),
					'score' => Shape::score( $item, 'score' ),
					'sentence' => Shape::optionalText( $item, 'sentence', 600 ),
					'edit' => self::readEdit( $item ),
				];
			} ),
			'no_links_title' => Shape::text( $data, 'no_links_title', 255 ),
		];
	}

	/**
	 * What of it an editor may see.
	 *
	 * @param array $reply As read
	 * @param string $wikitext The text that it was made for
	 * @param Authority $reader
	 * @return array
	 */
	public function shown( array $reply, string $wikitext, Authority $reader ): array {
		$visible = $this->pages->find( array_merge(
			array_column( $reply['suggestions'], 'target_pageid' ), array_column( $reply['see_also'], 'pageid' )
		), $reader );
		$units = mb_convert_encoding( $wikitext, 'UTF-16LE', 'UTF-8' );
		$suggestions = [];
		foreach ( $reply['suggestions'] as $item ) {
			$title = $visible[$item['target_pageid']] ?? null;
			if ( $title && $this->fits( $item['edit'], $units ) && $this->linksTo( $title, $item ) ) {
				$suggestions[] = [ 'link_target' => $title->getPrefixedText() ] + $item;
			}
		}
		$seeAlso = [];
		foreach ( $reply['see_also'] as $item ) {
			$title = $visible[$item['pageid']] ?? null;
			if ( $title && $this->fits( $item['edit'], $units ) && $this->lists( $title, $item['edit'] ) ) {
				$seeAlso[] = [ 'title' => $title->getPrefixedText() ] + $item;
			}
		}
		return [
			'suggestions' => array_slice( $suggestions, 0, self::MOST_SUGGESTIONS ),
			'see_also' => array_slice( $seeAlso, 0, self::MOST_SEE_ALSO ),
			'no_links_title' => $this->readableTitle( $reply['no_links_title'], $reader ),
		] + $reply;
	}

	/**
	 * @param array $item
	 * @return array
	 */
	private static function readEdit( array $item ): array {
		$edit = $item['edit'] ?? null;
		if ( !is_array( $edit ) ) {
			throw Shape::wrong( 'edit' );
		}
		return [
			'start' => Shape::number( $edit, 'start' ),
			'end' => Shape::number( $edit, 'end' ),
			'original' => Shape::text( $edit, 'original', 255 ),
			'replacement' => Shape::text( $edit, 'replacement', 1000 ),
			'before' => Shape::text( $edit, 'before', 100 ),
			'after' => Shape::text( $edit, 'after', 100 ),
		];
	}

	/**
	 * Whether the words to replace stand where they are said to stand.
	 *
	 * @param array $edit
	 * @param string $units The text in UTF-16: JavaScript counts so
	 * @return bool
	 */
	private function fits( array $edit, string $units ): bool {
		if ( $edit['end'] < $edit['start'] || 2 * $edit['end'] > strlen( $units ) ) {
			return false;
		}
		$there = substr( $units, 2 * $edit['start'], 2 * ( $edit['end'] - $edit['start'] ) );
		return $there === mb_convert_encoding( $edit['original'], 'UTF-16LE', 'UTF-8' );
	}

	/**
	 * Whether an edit turns words into a link to a page as it is called now, and leaves them as they read.
	 *
	 * @param Title $title
	 * @param array $item
	 * @return bool
	 */
	private function linksTo( Title $title, array $item ): bool {
		$edit = $item['edit'];
		$link = '/^\[\[([^\[\]|{}<>\n]+)(?:\|([^\[\]{}<>\n]+))?\]\]$/Du';
		return $edit['original'] !== '' && $edit['original'] === $item['link_text'] &&
			preg_match( $link, $edit['replacement'], $parts ) === 1 &&
			( $parts[2] ?? $parts[1] ) === $edit['original'] && $this->isCalled( $title, $parts[1] );
	}

	/**
	 * Whether an edit only adds a page, as it is called now, to a list, with a heading of words or without.
	 *
	 * @param Title $title
	 * @param array $edit
	 * @return bool
	 */
	private function lists( Title $title, array $edit ): bool {
		$added = '/^\n*(?:== [\p{L} ]+ ==\n)?\* ?\[\[([^\[\]|{}<>\n]+)\]\]\n*$/Du';
		return $edit['original'] === '' && preg_match( $added, $edit['replacement'], $parts ) === 1 &&
			$this->isCalled( $title, $parts[1] );
	}

	/**
	 * @param Title $title
	 * @param string $text As in a link
	 * @return bool
	 */
	private function isCalled( Title $title, string $text ): bool {
		$linked = $this->titles->newFromText( $text );
		if ( $linked === null || $linked->hasFragment() || !$linked->equals( $title ) ) {
			return false;
		}
		// These would be put into a category, show a picture, or lead to a subpage of the edited page.
		return $text[0] === ':' ||
			( $text[0] !== '/' && !in_array( $linked->getNamespace(), [ NS_CATEGORY, NS_FILE ], true ) );
	}

	/**
	 * @param string $text
	 * @param Authority $reader
	 * @return string Empty when it is no title, or not for this reader
	 */
	private function readableTitle( string $text, Authority $reader ): string {
		$title = $this->titles->newFromText( $text );
		$may = $title !== null && $title->canExist() && $reader->definitelyCan( 'read', $title );
		return $may ? $title->getPrefixedText() : '';
	}
}
