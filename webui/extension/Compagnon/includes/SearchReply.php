<?php

namespace MediaWiki\Extension\Compagnon;

use MediaWiki\Permissions\Authority;

/**
 * What was found for a question.
 */
class SearchReply {

	private const MOST_HITS = 10;
	private const MOST_ANSWERED = 40;
	private const MOST_PIECES = 200;

	/** @var VisiblePages */
	private $pages;

	/** @var VisiblePeople */
	private $people;

	/**
	 * @param VisiblePages $pages
	 * @param VisiblePeople $people
	 */
	public function __construct( VisiblePages $pages, VisiblePeople $people ) {
		$this->pages = $pages;
		$this->people = $people;
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
			'answerable' => Shape::flag( $data, 'answerable' ),
			'hits' => Shape::listOf( $data, 'hits', self::MOST_ANSWERED, static function ( $hit ) {
				return [
					'pageid' => Shape::number( $hit, 'pageid', 1 ),
					'section' => Shape::optionalText( $hit, 'section', 255 ),
					'anchor' => Shape::optionalText( $hit, 'anchor', 255 ),
					'status' => Shape::optionalText( $hit, 'status', 60 ),
					'passage' => Shape::listOf( $hit, 'passage', self::MOST_PIECES, static function ( $piece ) {
						return [ 'text' => Shape::text( $piece, 0, 1000 ), 'marked' => Shape::flag( $piece, 1 ) ];
					} ),
				];
			} ),
			'people' => VisiblePeople::read( $data ),
		];
	}

	/**
	 * What of it a reader may see.
	 *
	 * @param array $reply As read
	 * @param Authority $reader
	 * @return array "answerable", "hits" (each with "title": a Title), "people"
	 */
	public function shown( array $reply, Authority $reader ): array {
		$ids = array_merge( array_column( $reply['hits'], 'pageid' ), VisiblePeople::pageIds( $reply['people'] ) );
		$visible = $this->pages->find( $ids, $reader );
		$hits = [];
		foreach ( $reply['hits'] as $hit ) {
			$title = $visible[$hit['pageid']] ?? null;
			if ( $title !== null ) {
				$hits[$hit['pageid']] = [ 'title' => $title ] + $hit;
			}
		}
		$best = $reply['hits'][0]['pageid'] ?? 0;
		return [
			// That there is an answer must not be told by one that the reader may not see.
			'answerable' => $reply['answerable'] && isset( $visible[$best] ),
			'hits' => array_slice( array_values( $hits ), 0, self::MOST_HITS ),
			'people' => $this->people->shown( $reply['people'], $visible ),
		];
	}
}
